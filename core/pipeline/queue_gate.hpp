#pragma once

#include "core/runtime/condition.hpp"

namespace signwatch::pipeline {

/// Keeps polls of one queue and acknowledgements of its non-final updates apart. At Posten the confirmation URL belongs
/// to the job: if a poll took the job's final update while the confirmation of an earlier one is on its way, that
/// confirmation could confirm the final update too, and delete documents nobody has fetched. A poll counts as open
/// until what it found is recorded.
class QueueGate {
public:
    explicit QueueGate(const boost::asio::any_io_executor& loop) : changed_(loop) {}

    /// Waits while an acknowledgement is open or waiting, then opens a poll. Several polls may be open.
    Task<void> open_poll();
    void close_poll();

    /// Waits until no poll is open, then opens an acknowledgement. Several may be open.
    Task<void> open_acknowledgement();
    void close_acknowledgement();

private:
    runtime::Condition changed_;
    int polls_ = 0;
    int acknowledgements_ = 0;  ///< open or waiting
};

/// A poll or an acknowledgement that is open; closes when destroyed. Move only.
template <void (QueueGate::*close)()>
class OpenAt {
public:
    OpenAt() = default;
    explicit OpenAt(QueueGate& gate) : gate_(&gate) {}
    OpenAt(OpenAt&& other) noexcept : gate_(other.gate_) { other.gate_ = nullptr; }
    OpenAt& operator=(OpenAt&& other) noexcept {
        if (this != &other) {
            reset();
            gate_ = other.gate_;
            other.gate_ = nullptr;
        }
        return *this;
    }
    OpenAt(const OpenAt&) = delete;
    OpenAt& operator=(const OpenAt&) = delete;
    ~OpenAt() { reset(); }

    void reset() {
        if (gate_ != nullptr) (gate_->*close)();
        gate_ = nullptr;
    }

private:
    QueueGate* gate_ = nullptr;
};

using OpenPoll = OpenAt<&QueueGate::close_poll>;
using OpenAcknowledgement = OpenAt<&QueueGate::close_acknowledgement>;

}  // namespace signwatch::pipeline
