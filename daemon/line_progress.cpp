#include "daemon/line_progress.hpp"

#include <charconv>
#include <csignal>

namespace signwatch::daemon {

std::optional<KillPoint> parse_kill_point(std::string_view text) {
    const std::size_t colon = text.find(':');
    KillPoint point;
    if (colon != std::string_view::npos) {
        const char* const end = text.data() + text.size();
        const auto parsed = std::from_chars(text.data() + colon + 1, end, point.count);
        if (parsed.ec != std::errc{} || parsed.ptr != end || point.count == 0) return std::nullopt;
    }
    for (int i = 0; i < step_count; ++i) {
        point.step = static_cast<Step>(i);
        if (name_of(point.step) == text.substr(0, colon)) return point;
    }
    return std::nullopt;
}

void LineProgress::reached(Step step) noexcept {
    const std::uint64_t count = counts_.at(static_cast<std::size_t>(step)).fetch_add(1, std::memory_order_relaxed) + 1;
    if (kill_point_ && kill_point_->step == step && kill_point_->count == count) std::raise(SIGKILL);
}

std::uint64_t LineProgress::count(Step step) const {
    return counts_.at(static_cast<std::size_t>(step)).load(std::memory_order_relaxed);
}

}  // namespace signwatch::daemon
