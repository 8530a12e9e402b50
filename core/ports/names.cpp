#include <array>

#include "core/ports/progress.hpp"

namespace signwatch {

std::string_view name_of(Step step) {
    static constexpr std::array<std::string_view, step_count> names{
        "watch_claimed",       "poll_answered",        "update_recorded",     "document_received", "document_verified",
        "document_synced",     "document_renamed",     "document_stored",     "commit_begun",      "commit_done",
        "acknowledge_sending", "acknowledge_answered", "acknowledge_marked",  "publish_sending",   "publish_answered",
        "publish_marked",      "watch_settled",        "notification_queued", "notification_read", "hints_applied"};
    return names.at(static_cast<std::size_t>(step));
}

}  // namespace signwatch
