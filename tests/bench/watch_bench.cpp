// The due-queue with ever more watches: taking a thousand due ones and rescheduling them must not cost more with ten
// million than with ten thousand. Prints figures; judges nothing. "cpu" is what the process spent in a round, the rest
// of its time it waited for the disk, or for a CPU that others used.
//   watch_bench [DIRECTORY [SIZE...]]     (/tmp, 10000 100000 1000000 10000000)
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include "core/state/sqlite/database.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"
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

// As if registered over a day: every watch has its own place in it, and neighbours in time are far apart in the table.
void fill(const std::filesystem::path& file, int total) {
    sqlite::Database database(file, sqlite::Database::Mode::read_write);
    database.script("PRAGMA cache_size = -200000; BEGIN; INSERT INTO account (id, name) VALUES (1, 'acme');");
    database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
        " INSERT INTO watch (id, account_id, kind, target, seen)"
        " SELECT i, 1, 'process', printf('process-%08d', i), hex(randomblob(32)) FROM n",
        total);
    database.script("DROP TRIGGER watch_scheduled");
    database.execute(
        "INSERT INTO due_watch (account_id, due_at, watch_id)"
        " SELECT 1, ?1 + (id * 7919 % ?2) * ?3 / ?2, id FROM watch ORDER BY 2, 3",
        start(),
        total,
        interval.count());
    database.execute("UPDATE account SET watches = ?1", total);
    database.script("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
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

// In a process of its own, so that its memory is not counted as the store's.
double filled_in(const std::filesystem::path& file, int total) {
    const auto begun = Clock::now();
    const pid_t child = ::fork();
    if (child == 0) {
        testing::NoProgress progress;
        sqlite::open_state_store(file, progress).reset();
        fill(file, total);
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (status != 0) throw std::runtime_error("filling failed");
    return since(begun);
}

void measure(const std::filesystem::path& directory, int total) {
    const std::filesystem::path file = directory / (std::to_string(total) + ".db");
    const double filled = filled_in(file, total);

    testing::NoProgress progress;
    testing::Loop loop;
    const auto opening = Clock::now();
    const auto store = sqlite::open_state_store(file, progress);
    ClaimWatches first;
    first.now = start() + 1ms;
    first.accounts = {{"acme", 600s, 1}};
    loop.wait(store->claim_due_watches(first));
    const double opened = since(opening);

    std::vector<double> claims;
    std::vector<double> both;
    std::vector<double> cpus;
    for (int i = 0; i < rounds; ++i) {
        const Round round = one_round(loop, *store, start() + interval * 400);
        claims.push_back(round.claim);
        both.push_back(round.both);
        cpus.push_back(round.cpu);
    }
    const double worst = *std::max_element(both.begin(), both.end());
    const double megabytes = static_cast<double>(std::filesystem::file_size(file)) / 1e6;
    std::printf("%10d  %8.1f s  %8.1f MB  %8.2f ms  %8.2f ms  %8.2f ms  %8.2f ms  %8.2f ms  %8.1f MB\n",
                total,
                filled / 1e3,
                megabytes,
                opened,
                middle(claims),
                middle(both),
                worst,
                middle(cpus),
                resident_megabytes());
    std::fflush(stdout);
}

}  // namespace
}  // namespace signwatch

int main(int count, char** arguments) {
    std::string pattern = (count > 1 ? std::string(arguments[1]) : "/tmp") + "/watch_bench.XXXXXX";
    if (!::mkdtemp(pattern.data())) return 1;
    std::vector<int> sizes;
    for (int i = 2; i < count; ++i)
        sizes.push_back(std::stoi(arguments[i]));
    if (sizes.empty()) sizes = {10'000, 100'000, 1'000'000, 10'000'000};
    std::printf("%10s  %10s  %11s  %11s  %11s  %11s  %11s  %11s  %11s\n",
                "watches",
                "filled in",
                "database",
                "first claim",
                "claim 1000",
                "+resched.",
                "worst",
                "cpu",
                "resident");
    for (const int size : sizes)
        signwatch::measure(pattern, size);
    std::filesystem::remove_all(pattern);
    return 0;
}
