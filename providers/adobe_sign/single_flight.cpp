#include "providers/adobe_sign/single_flight.hpp"

#include <utility>

#include <boost/asio/this_coro.hpp>

namespace signwatch::adobe_sign {

Task<void> SingleFlight::join(std::function<Task<void>()> errand) {
    if (running_) {
        co_await ended_->wait();
    } else {
        refuse_too_early();
        co_await run(std::move(errand));
    }
    if (failure_) throw *failure_;
}

Task<void> SingleFlight::run(std::function<Task<void>()> errand) {
    const auto loop = co_await boost::asio::this_coro::executor;
    if (!ended_) ended_.emplace(loop);
    running_ = true;
    // However it ends, those who wait are told.
    struct Ending {
        SingleFlight& flight;
        std::optional<Error> failure = Error(ErrorKind::cancelled, "cancelled", "the errand did not come to its end");
        ~Ending() { flight.end(std::move(failure)); }
    } ending{*this};
    try {
        co_await errand();
        ending.failure.reset();
    } catch (const Error& error) {
        ending.failure = error;
    }
}

void SingleFlight::refuse_too_early() const {
    if (!failure_ || !failure_->retry_after()) return;
    const milliseconds left = failed_at_ + *failure_->retry_after() - clock_.schedule_now();
    if (left <= milliseconds{0}) return;
    Error again = *failure_;
    throw again.with_retry_after(left);
}

void SingleFlight::end(std::optional<Error> failure) {
    running_ = false;
    failure_ = std::move(failure);
    failed_at_ = clock_.schedule_now();
    ended_->notify_all();
}

}  // namespace signwatch::adobe_sign
