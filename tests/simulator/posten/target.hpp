#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/simulator/posten/job.hpp"

namespace signwatch::simulator {

enum class TargetKind { unknown, organisation, queue, confirm, cancel, pades, xades };

/// What a request target of Posten's API means.
struct Target {
    TargetKind kind = TargetKind::unknown;
    std::string_view path;          ///< as it came, without the query
    std::string_view organisation;  ///< may be empty for unknown targets
    Flow flow = Flow::portal;
    std::string queue;  ///< absent, "polling_queue" and "polling_queue=" all mean the default queue, ""
    std::int64_t job = 0;
    int signer = 0;  ///< XAdES: 1..
};

Target read_target(std::string_view target);

/// nullopt for a broken escape.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace signwatch::simulator
