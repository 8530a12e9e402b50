#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/ports/progress.hpp"

namespace signwatch::daemon {

/// Where a crash test wants the daemon to die: with SIGKILL, the `count`th time the step is reached.
struct KillPoint {
    Step step = Step::watch_claimed;
    std::uint64_t count = 1;
};

/// "update_recorded:3"; nullopt if it names no step.
std::optional<KillPoint> parse_kill_point(std::string_view text);

/// Counts the steps of the line; the watchdog and the crash tests read them. Thread-safe.
class LineProgress : public Progress {
public:
    explicit LineProgress(std::optional<KillPoint> kill_point) : kill_point_(kill_point) {}

    void reached(Step step) noexcept override;
    std::uint64_t count(Step step) const;

private:
    std::array<std::atomic<std::uint64_t>, step_count> counts_{};
    std::optional<KillPoint> kill_point_;
};

}  // namespace signwatch::daemon
