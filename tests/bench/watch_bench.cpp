// The due-queue with ever more watches: taking a thousand due ones and rescheduling them must not cost more with ten
// million than with ten thousand. Prints figures; judges nothing. "cpu" is what the process spent in a round, "server
// cpu" what PostgreSQL did on average; the rest of its time it waited for the disk, or for a CPU that others used.
// "growth" is against the first size.
//   watch_bench [--store sqlite|postgres] [DIRECTORY [SIZE...]]     (sqlite, /tmp, 10000 100000 1000000 10000000)
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "tests/bench/measured_store.hpp"
#include "tests/contract/loop.hpp"
#include "tests/fakes/recording_observer.hpp"

namespace signwatch {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr int rounds = 60;
constexpr std::size_t batch = 1'000;
constexpr milliseconds interval = 24h;

double since(Clock::time_point begun) {
    return Milliseconds(Clock::now() - begun).count();
}

double cpu() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto ms = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
    };
    return ms(used.ru_utime) + ms(used.ru_stime);
}

double resident_megabytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t pages = 0;
    statm >> pages >> pages;
    return static_cast<double>(pages) * 4'096 / 1e6;
}

WallTime start() {
    return from_unix_ms(1'700'000'000'000);
}

// Claims the next thousand, whatever the time, and puts each a day later: what the scheduler does, without the calls.
struct Round {
    double claim = 0;
    double both = 0;
    double cpu = 0;
};

Round one_round(testing::Loop& loop, StateStore& store, WallTime now) {
    ClaimWatches claim;
    claim.now = now;
    claim.accounts = {{"acme", 600s, batch}};
    Round round;
    const double cpu_begun = cpu();
    const auto begun = Clock::now();
    const std::vector<Watch> watches = loop.wait(store.claim_due_watches(claim));
    round.claim = since(begun);
    std::vector<Task<void>> tasks;
    for (const Watch& watch : watches) {
        SettleWatch settlement;
        settlement.watch = watch.id;
        settlement.due_at = watch.due_at + interval;
        settlement.settled_at = now;
        settlement.answered = true;
        tasks.push_back(store.settle_watch(settlement));
    }
    loop.wait_all(std::move(tasks));
    round.both = since(begun);
    round.cpu = cpu() - cpu_begun;
    return round;
}

double middle(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

struct Line {
    double filled = 0;
    double megabytes = 0;
    double first = 0;
    double claim = 0;
    double both = 0;
    double worst = 0;
    double cpu = 0;
    double server_cpu = 0;
};

Line measure(bench::StoreMaker& stores, int total) {
    Line line;
    const auto record = stores.make();
    const auto filling = Clock::now();
    record->fill({total, start(), interval});
    line.filled = since(filling);

    testing::NoProgress progress;
    testing::Loop loop;
    const auto opening = Clock::now();
    const auto store = record->open(progress);
    ClaimWatches first;
    first.now = start() + 1ms;
    first.accounts = {{"acme", 600s, 1}};
    loop.wait(store->claim_due_watches(first));
    line.first = since(opening);

    std::vector<double> claims;
    std::vector<double> both;
    std::vector<double> cpus;
    const double server_begun = record->server_cpu();
    for (int i = 0; i < rounds; ++i) {
        const Round round = one_round(loop, *store, start() + interval * 400);
        claims.push_back(round.claim);
        both.push_back(round.both);
        cpus.push_back(round.cpu);
    }
    line.server_cpu = (record->server_cpu() - server_begun) / rounds;
    line.worst = *std::max_element(both.begin(), both.end());
    line.claim = middle(claims);
    line.both = middle(both);
    line.cpu = middle(cpus);
    line.megabytes = record->megabytes();
    return line;
}

void measure_all(bench::StoreMaker& stores, const std::vector<int>& sizes) {
    std::printf("%10s  %10s  %11s  %11s  %11s  %11s  %11s  %11s  %11s  %11s  %7s\n",
                "watches",
                "filled in",
                "database",
                "first claim",
                "claim 1000",
                "+resched.",
                "worst",
                "cpu",
                "server cpu",
                "resident",
                "growth");
    double smallest = 0;
    for (const int size : sizes) {
        const Line line = measure(stores, size);
        if (smallest <= 0) smallest = line.both;
        std::printf(
            "%10d  %8.1f s  %8.1f MB  %8.2f ms  %8.2f ms  %8.2f ms  %8.2f ms  %8.2f ms  %8.2f ms  %8.1f MB  "
            "%5.2f x\n",
            size,
            line.filled / 1e3,
            line.megabytes,
            line.first,
            line.claim,
            line.both,
            line.worst,
            line.cpu,
            line.server_cpu,
            resident_megabytes(),
            line.both / smallest);
        std::fflush(stdout);
    }
}

}  // namespace
}  // namespace signwatch

int main(int count, char** texts) {
    const auto [kind, words] = signwatch::bench::arguments_of(count, texts);
    const auto folder = signwatch::bench::fresh_folder(words.empty() ? "/tmp" : words[0], "watch_bench");
    std::vector<int> sizes;
    for (std::size_t i = 1; i < words.size(); ++i)
        sizes.push_back(std::stoi(words[i]));
    if (sizes.empty()) sizes = {10'000, 100'000, 1'000'000, 10'000'000};
    const auto stores = signwatch::bench::stores_called(kind, folder);
    if (!stores->settings().empty()) std::printf("%s: %s\n", kind.c_str(), stores->settings().c_str());
    signwatch::measure_all(*stores, sizes);
    std::filesystem::remove_all(folder);
    return 0;
}
