#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/document.hpp"
#include "core/domain/process.hpp"
#include "core/domain/watch.hpp"

namespace signwatch {

using UpdateId = std::int64_t;

/// What one poll found about one process.
struct StatusUpdate {
    ProviderKind provider = ProviderKind::posten;
    std::string account;
    std::string process_id;
    std::string reference;  ///< the sender's own reference at the provider; correlation id if none was registered
    WatchId watch = 0;
    Via via = Via::poll;

    ProcessState state = ProcessState::unknown;
    std::string provider_status;  ///< the provider's word for the state, cleaned and bounded
    std::optional<Reason> reason;
    std::optional<WallTime> changed_at;  ///< when it changed, by the provider's clock
    std::vector<Participant> participants;
    std::vector<DocumentRef> documents;  ///< those our policy wants, all of which must be durable before acknowledging

    /// The provider tells the rest (documents, signers, why it ended) only when asked again: Provider::complete.
    bool incomplete = false;
    /// The provider will never say anything new about this process: its watch ends with this update.
    bool ends_watch = false;

    Sensitive acknowledge_at;  ///< where to acknowledge; empty: the provider expects no acknowledgement
    bool hold = false;         ///< store and report, never acknowledge (unknown job status, unknown-job policy)

    std::string fingerprint;  ///< SHA-256 hex over all that makes this update distinct; a redelivery has the same
    std::string raw;          ///< the body as it came

    bool terminal() const { return is_terminal(state); }
};

/// How far an update has come; stored in its row, so that a restart goes on from here.
enum class Stage { received, committed, acknowledged, parked };

/// An update in the store, with what is known about its way so far.
struct PendingUpdate {
    UpdateId id = 0;
    StatusUpdate update;
    Stage stage = Stage::received;
    int attempts = 0;              ///< starts of the line for this update, counted before the work
    int acknowledge_attempts = 0;  ///< acknowledgements begun, counted before they are sent
    WallTime delivered_at{};       ///< when the provider last offered it (schedule timeline)
};

}  // namespace signwatch
