#pragma once

#include <functional>
#include <vector>

#include "core/pipeline/account.hpp"
#include "core/pipeline/line_parts.hpp"

namespace signwatch::pipeline {

/// Makes looks of hints, durably, and tells about it. Event-loop thread.
class HintDesk {
public:
    /// `on_hurried`: a watch may be due now.
    HintDesk(LineParts parts, std::function<void()> on_hurried)
        : parts_(std::move(parts)), on_hurried_(std::move(on_hurried)) {}

    /// When it returns, every hint is in the store, and the notifications they were read from are done with. Throws
    /// Error when neither is so.
    Task<void> apply(Account& account, std::vector<ProcessHint> hints, Via via, std::vector<NotificationId> finished);

private:
    LineParts parts_;
    std::function<void()> on_hurried_;
};

}  // namespace signwatch::pipeline
