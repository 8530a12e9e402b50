#pragma once

#include <cstdint>
#include <string_view>

namespace signwatch {

/// The arrows of the line, in order. The watchdog lives on them, and the crash tests kill the daemon at each.
enum class Step : std::uint8_t {
    watch_claimed,      ///< the row says a poll may be under way; the poll has not been sent
    poll_answered,      ///< the provider answered; nothing recorded yet
    update_recorded,    ///< the update is durable, at stage received
    document_received,  ///< all bytes are in a private temporary file
    document_verified,
    document_synced,   ///< temporary file fsynced, not yet renamed
    document_renamed,  ///< renamed, directory not yet fsynced
    document_stored,
    commit_begun,  ///< inside the commit transaction, before COMMIT
    commit_done,   ///< after COMMIT, before anyone knows
    acknowledge_sending,
    acknowledge_answered,  ///< the provider said yes; not yet marked
    acknowledge_marked,
    publish_sending,
    publish_answered,  ///< Redis has the entry; not yet marked
    publish_marked,
    watch_settled,
    notification_queued,  ///< a webhook's body is durable; its sender has not been answered
    notification_read,    ///< its start is counted and it was understood; what it hints at is not durable
    hints_applied,        ///< the hints are durable, their notification or the sweep's bookmark perhaps not
};
constexpr int step_count = 20;

std::string_view name_of(Step step);

/// Told each time work passes a step. Called from the loop thread and from pool threads: implementations are
/// thread-safe.
class Progress {
public:
    virtual ~Progress() = default;
    virtual void reached(Step step) noexcept = 0;
};

}  // namespace signwatch
