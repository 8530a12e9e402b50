#include "daemon/line_progress.hpp"

#include <csignal>

namespace signwatch::daemon {

void LineProgress::reached(Step step) noexcept {
    const int count = counts_.at(static_cast<std::size_t>(step)).fetch_add(1, std::memory_order_relaxed) + 1;
    if (kill_point_ && kill_point_->step == step && kill_point_->count == count) std::raise(SIGKILL);
}

}  // namespace signwatch::daemon
