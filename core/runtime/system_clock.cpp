#include "core/runtime/system_clock.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <fstream>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace signwatch::runtime {
namespace {

using namespace std::chrono;

milliseconds since_boot() {
    timespec time{};
    ::clock_gettime(CLOCK_BOOTTIME, &time);
    return seconds{time.tv_sec} + milliseconds{time.tv_nsec / 1'000'000};
}

std::string read_boot_id() {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(file, id);
    return id.empty() ? "unknown" : id;
}

}  // namespace

SystemClock::SystemClock(boost::asio::any_io_executor loop)
    : loop_(std::move(loop)), boot_id_(read_boot_id()), offset_(now().time_since_epoch() - since_boot()) {}

std::string SystemClock::anchor() const {
    return boot_id_ + " " + std::to_string(offset_.count());
}

void SystemClock::adopt(const std::string& anchor) {
    const std::size_t space = anchor.find(' ');
    if (space == std::string::npos || anchor.substr(0, space) != boot_id_ || boot_id_ == "unknown") return;
    std::int64_t offset = 0;
    const char* const begin = anchor.data() + space + 1;
    const char* const end = anchor.data() + anchor.size();
    const auto parsed = std::from_chars(begin, end, offset);
    if (parsed.ec == std::errc{} && parsed.ptr == end) begin_at(milliseconds{offset});
}

WallTime SystemClock::now() const {
    return time_point_cast<milliseconds>(system_clock::now());
}

WallTime SystemClock::schedule_now() const {
    latest_ = std::max(latest_, WallTime{since_boot() + offset_});
    return latest_;
}

steady_clock::time_point SystemClock::steady_now() const {
    return steady_clock::now();
}

Task<void> SystemClock::sleep_until(WallTime due, Wake& wake) {
    boost::asio::steady_timer timer(loop_);
    wake.notify([&timer] { timer.cancel(); });
    // Timers fire early and a suspended machine fires them late: ask the clock again each time, and at least once a
    // minute.
    while (!wake.take() && schedule_now() < due) {
        const milliseconds left = std::min<milliseconds>(due - schedule_now(), minutes{1});
        timer.expires_after(left + milliseconds{1});
        boost::system::error_code ignored;
        auto token = boost::asio::redirect_error(boost::asio::use_awaitable, ignored);
        co_await timer.async_wait(token);
    }
    wake.notify({});
}

}  // namespace signwatch::runtime
