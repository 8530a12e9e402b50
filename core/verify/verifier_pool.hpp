#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "core/ports/verifier.hpp"
#include "core/runtime/offload.hpp"

namespace signwatch::verify {

struct VerifierSettings {
    std::filesystem::path worker;               ///< the program signwatch-verifier
    int workers = 2;                            ///< processes at most; each is started when it is first needed
    std::chrono::milliseconds timeout{20'000};  ///< wall time for one document; its CPU time is capped at 10 s
    int documents_per_worker = 10'000;          ///< a process is replaced after so many
};

/// A DocumentVerifier that reads documents in jailed processes only. Calls block threads of `pool`, which must outlive
/// the verifier; the verifier must outlive its calls. Beyond the port's codes: integrity "verifier_crashed" when a
/// document ends the process that reads it, transient "verifier_down" when no process can be started or one does not
/// answer in time.
std::unique_ptr<DocumentVerifier> make_verifier(runtime::BlockingPool& pool, VerifierSettings settings);

}  // namespace signwatch::verify
