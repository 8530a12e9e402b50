#pragma once

#include <array>
#include <atomic>
#include <optional>

#include "core/ports/progress.hpp"
#include "daemon/cli/context.hpp"

namespace signwatch::daemon {

/// Counts the steps of the line; for the crash tests it dies with SIGKILL at one of them. Thread-safe.
class LineProgress : public Progress {
public:
    explicit LineProgress(std::optional<cli::KillPoint> kill_point) : kill_point_(kill_point) {}

    void reached(Step step) noexcept override;

private:
    std::array<std::atomic<int>, step_count> counts_{};
    std::optional<cli::KillPoint> kill_point_;
};

}  // namespace signwatch::daemon
