#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/domain/status_update.hpp"
#include "core/ports/provider_factory.hpp"
#include "providers/adobe_sign/wire.hpp"

/// What Adobe's words mean in ours (adobe-signhub 1.3). Pure functions.
namespace signwatch::adobe_sign {

/// What is fetched when an agreement is complete.
struct DocumentWishes {
    bool combined = true;
    bool audit_trail = true;
    bool form_data = false;  ///< only the creator of the agreement is given it
};

/// Whose look it was.
struct Origin {
    std::string account;
    WatchId watch = 0;
    std::string process_id;
    std::string seen{};  ///< fingerprint of the last update that came of it; empty: none yet
};

/// By the status alone; what is not documented is unknown. FORM_FILLED still has to be believed: see to_update.
ProcessState state_of(std::string_view status);

/// Whether the participants tell anything: somebody has been asked to act, or the agreement has ended.
bool needs_members(ProcessState state);

/// Nobody has been asked to sign yet; it may stay so for long.
bool is_draft(std::string_view status);

/// Somebody still has to act, by the status that a search or list tells: it has words of its own for that.
bool is_running(std::string_view status);

/// Everything but `raw`. An agreement can be again what it was (restarted, or revised and sent again): that is another
/// update than the one before, and the same as `origin.seen` if nothing has changed since. `incomplete` if the events
/// have more to say. FORM_FILLED ends an agreement only if every set is COMPLETED; until then it is in progress. `sets`
/// is empty where needs_members says no.
StatusUpdate to_update(const WireAgreement& agreement,
                       const std::vector<WireSet>& sets,
                       const Origin& origin,
                       const DocumentWishes& wishes,
                       const Pseudonymise& pseudonymise);

/// Fills in what the events tell: why it ended, which may be another state (a recipient's refusal is CANCELLED at
/// Adobe), and when each participant acted.
StatusUpdate with_events(StatusUpdate update, const std::vector<WireEvent>& events, const Pseudonymise& pseudonymise);

/// The stable reference of a participant by Adobe's id of it.
std::string participant_ref(const std::string& participant_id, const Pseudonymise& pseudonymise);

}  // namespace signwatch::adobe_sign
