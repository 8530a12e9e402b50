#include "core/pipeline/queue_gate.hpp"

namespace signwatch::pipeline {

Task<void> QueueGate::open_poll() {
    while (acknowledgements_ > 0)
        co_await changed_.wait();
    ++polls_;
}

void QueueGate::close_poll() {
    if (--polls_ == 0) changed_.notify_all();
}

Task<void> QueueGate::open_acknowledgement() {
    ++acknowledgements_;
    while (polls_ > 0)
        co_await changed_.wait();
}

void QueueGate::close_acknowledgement() {
    if (--acknowledgements_ == 0) changed_.notify_all();
}

}  // namespace signwatch::pipeline
