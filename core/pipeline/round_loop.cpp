#include "core/pipeline/round_loop.hpp"

#include <utility>

namespace signwatch::pipeline {

using std::chrono::seconds;

RoundLoop::RoundLoop(std::string name, Clock& clock, Observer& observer)
    : name_(std::move(name)), clock_(clock), observer_(observer), backoff_(std::random_device{}()) {}

Task<void> RoundLoop::run(std::function<Task<WallTime>()> round) {
    int failures = 0;
    while (!stopping_) {
        WallTime next = last_round_ = clock_.schedule_now();
        try {
            next = co_await round();
            failures = 0;
        } catch (const Error& error) {
            next = clock_.schedule_now() + backoff_.between(milliseconds{200}, seconds{10}, ++failures);
            observer_.loop_troubled(name_, error);
        }
        if (!stopping_) co_await clock_.sleep_until(next, wake_);
    }
}

void RoundLoop::stop() {
    stopping_ = true;
    wake_.set();
}

}  // namespace signwatch::pipeline
