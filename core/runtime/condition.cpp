#include "core/runtime/condition.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace signwatch::runtime {

Condition::Condition(const boost::asio::any_io_executor& loop)
    : timer_(loop, boost::asio::steady_timer::time_point::max()) {}

Task<void> Condition::wait() {
    boost::system::error_code ignored;
    auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ignored);
    co_await timer_.async_wait(token);
}

void Condition::notify_all() {
    timer_.cancel();
}

}  // namespace signwatch::runtime
