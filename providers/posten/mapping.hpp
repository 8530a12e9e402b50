#pragma once

#include <string>
#include <string_view>

#include "core/domain/status_update.hpp"
#include "core/ports/provider_factory.hpp"
#include "providers/posten/wire.hpp"

/// What Posten's words mean in ours (posten-arqsign 1.6). Pure functions.
namespace signwatch::posten {

/// Where an update came from.
struct Origin {
    std::string account;
    WatchId watch = 0;
    std::string target;
};

struct MappingRules {
    DocumentPolicy documents;
    bool hold_unknown_jobs = false;
};

ParticipantState participant_state(std::string_view signer_status);

/// The state of a job; a job that FAILED is told apart by what its signers did.
ProcessState process_state(const WireUpdate& update);

/// A provider's word, fit for events and logs: [A-Za-z0-9_.-], 1 to 64 characters.
std::string clean_word(std::string_view word);

/// Everything but `raw`. Throws Error(integrity, "pades_missing") when a completed job does not offer the PAdES that
/// our policy wants: confirming it would delete the job with the document still there.
StatusUpdate to_status_update(const WireUpdate& update,
                              const Origin& origin,
                              const MappingRules& rules,
                              const Pseudonymise& pseudonymise);

}  // namespace signwatch::posten
