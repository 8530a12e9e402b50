#include "daemon/membership.hpp"

#include <utility>

namespace signwatch::daemon {

Membership::Membership(runtime::SystemClock& clock,
                       StateStore& state,
                       internal_http::Health& health,
                       telemetry::Logger logger,
                       std::function<void()> on_lost)
    : clock_(clock), state_(state), health_(health), logger_(std::move(logger)), on_lost_(std::move(on_lost)) {}

Task<void> Membership::adopt_timeline() {
    if (state_.beat_interval()) {
        const std::optional<milliseconds> shared = co_await state_.timeline(clock_.offset(), synchronised_);
        if (!shared) throw Error(ErrorKind::transient, "store_timeout", "the database is too slow to tell the time by");
        clock_.begin_at(*shared);
        synchronised_ = true;
        co_return;
    }
    const std::string anchor = co_await state_.remember("schedule_anchor", clock_.anchor());
    clock_.adopt(anchor);
    if (clock_.anchor() != anchor) co_await state_.replace("schedule_anchor", clock_.anchor());
}

Task<void> Membership::run() {
    const std::optional<milliseconds> interval = state_.beat_interval();
    if (!interval) co_return;
    while (!stopping_) {
        std::optional<Error> trouble;
        try {
            co_await keep();
        } catch (const Error& error) {
            trouble = error;
        }
        if (trouble) health_.degrade("fleet", trouble->what());
        const WallTime next = clock_.schedule_now() + *interval;
        if (!stopping_) co_await clock_.sleep_until(next, wake_);
    }
}

Task<void> Membership::keep() {
    if (lost_) co_return;
    const bool alive = co_await state_.beat();
    if (!alive) {
        lost_ = true;
        health_.degrade("fleet", "the lease has ended; others do the work until this daemon has joined again");
        logger_.warn("the lease has ended, joining again");
        on_lost_();
        co_return;
    }
    health_.pass("fleet", "member");
    const std::optional<milliseconds> shared = co_await state_.timeline(clock_.offset(), synchronised_);
    if (shared) clock_.follow(*shared);
}

Task<void> Membership::rejoin() {
    while (lost_ && !stopping_) {
        const bool joined = co_await try_to_join();
        lost_ = !joined;
        const WallTime next = clock_.schedule_now() + milliseconds{500};
        Wake never;
        if (lost_) co_await clock_.sleep_until(next, never);
    }
}

Task<bool> Membership::try_to_join() {
    std::optional<Error> trouble;
    try {
        co_await state_.join();
    } catch (const Error& error) {
        trouble = error;
    }
    if (trouble) health_.degrade("fleet", trouble->what());
    if (!trouble) logger_.info("joined again");
    co_return !trouble;
}

void Membership::stop() {
    stopping_ = true;
    wake_.set();
}

}  // namespace signwatch::daemon
