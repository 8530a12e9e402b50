// How many notifications the record takes in and finishes on this machine. Prints figures; judges nothing.
//   notification_bench DIRECTORY [notifications [senders]]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/state/sqlite/sqlite_state_store.hpp"
#include "tests/fakes/recording_observer.hpp"

namespace signwatch {
namespace {

constexpr int body_bytes = 2'000;

// One connection of a provider: the next notification comes when the last one is answered.
Task<void> send(StateStore& store, int& left) {
    while (left > 0) {
        Notification notification;
        notification.account = "acme";
        notification.dedup_key = std::to_string(left--);
        notification.body = std::string(body_bytes, 'x');
        co_await store.queue_notification(std::move(notification));
    }
}

Task<void> finish_all(StateStore& store, std::size_t& finished) {
    for (bool more = true; more;) {
        TakeNotifications take;
        take.accounts = {"acme"};
        take.limit = 500;
        take.now = from_unix_ms(1);
        take.lease_until = from_unix_ms(1'000);
        const std::vector<QueuedNotification> taken = co_await store.take_notifications(std::move(take));
        HintProcesses request;
        request.account = "acme";
        for (const QueuedNotification& each : taken) {
            request.finished.push_back(each.id);
            ProcessHint& hint = request.hints.emplace_back();
            hint.process_id = each.notification.dedup_key;
        }
        co_await store.hint_processes(std::move(request));
        finished += taken.size();
        more = !taken.empty();
    }
}

void print(const char* what, std::size_t count, std::chrono::steady_clock::time_point since) {
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
    std::printf("%-40s %8zu in %6.2f s  %9.0f/s\n", what, count, seconds, static_cast<double>(count) / seconds);
}

void run(const std::string& directory, int notifications, int senders) {
    testing::NoProgress progress;
    const auto store = sqlite::open_state_store(directory + "/notifications.db", progress);
    boost::asio::io_context loop{1};
    int left = notifications;
    auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < senders; ++i)
        boost::asio::co_spawn(loop, send(*store, left), boost::asio::detached);
    loop.run();
    print("queued durably", static_cast<std::size_t>(notifications), begun);
    std::size_t finished = 0;
    begun = std::chrono::steady_clock::now();
    loop.restart();
    boost::asio::co_spawn(loop, finish_all(*store, finished), boost::asio::detached);
    loop.run();
    print("taken and finished", finished, begun);
}

}  // namespace
}  // namespace signwatch

int main(int argc, char** argv) {
    if (argc < 2) {
        std::fputs("usage: notification_bench DIRECTORY [notifications [senders]]\n", stderr);
        return 2;
    }
    signwatch::run(argv[1], argc > 2 ? std::atoi(argv[2]) : 100'000, argc > 3 ? std::atoi(argv[3]) : 64);
    return 0;
}
