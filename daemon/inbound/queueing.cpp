#include "daemon/inbound/queueing.hpp"

#include <exception>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace signwatch::inbound {

namespace asio = boost::asio;

/// Shared by the one who waits and the one who queues: either may end first.
struct Queueing::Attempt {
    Attempt(const asio::any_io_executor& loop, std::chrono::milliseconds patience) : timer(loop, patience) {}

    void end(Queued how) {
        outcome = how;
        ended = true;
        timer.cancel();
    }

    asio::steady_timer timer;
    Queued outcome = Queued::too_late;
    bool ended = false;
};

Queueing::Queueing(const asio::any_io_executor& loop,
                   NotificationInbox& inbox,
                   runtime::TaskGroup::FailureHandler on_failure)
    : loop_(loop), inbox_(inbox), tasks_(loop, std::move(on_failure)) {}

Task<void> Queueing::run(std::shared_ptr<Attempt> attempt, Notification notification, listener::BodyShare share) {
    try {
        const bool fresh = co_await inbox_.queue_notification(std::move(notification));
        attempt->end(fresh ? Queued::fresh : Queued::duplicate);
    } catch (...) {
        attempt->end(Queued::failed);
        throw;
    }
    share = listener::BodyShare();
}

Task<Queued> Queueing::queue(Notification notification, listener::BodyShare share, std::chrono::milliseconds patience) {
    const auto attempt = std::make_shared<Attempt>(loop_, patience);
    tasks_.spawn("notification", run(attempt, std::move(notification), std::move(share)));
    boost::system::error_code over;
    auto token = asio::redirect_error(asio::use_awaitable, over);
    if (!attempt->ended) co_await attempt->timer.async_wait(token);
    co_return attempt->outcome;
}

}  // namespace signwatch::inbound
