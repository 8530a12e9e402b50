#pragma once

#include <map>

#include <boost/asio/io_context.hpp>

#include "core/ports/clock.hpp"
#include "core/runtime/condition.hpp"

namespace signwatch::testing {

/// A clock that stands still until nothing else can happen, and then jumps to the next due time: hours pass in
/// microseconds. For tests whose work all happens on one loop, without pool threads.
class VirtualClock : public Clock {
public:
    explicit VirtualClock(boost::asio::io_context& loop) : loop_(loop) {}

    WallTime now() const override { return now_; }
    WallTime schedule_now() const override { return now_; }
    std::chrono::steady_clock::time_point steady_now() const override;
    Task<void> sleep_until(WallTime due, Wake& wake) override;

    /// Runs the loop until nobody is left who could go on by `end`; then the time is `end`.
    void run_until(WallTime end);
    void run_for(milliseconds duration) { run_until(now_ + duration); }

private:
    boost::asio::io_context& loop_;
    WallTime now_ = from_unix_ms(1'800'000'000'000);
    std::multimap<WallTime, runtime::Condition*> sleepers_;
};

}  // namespace signwatch::testing
