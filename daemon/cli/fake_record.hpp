#pragma once

#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "core/config/fake_provider.hpp"
#include "daemon/cli/context.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::cli::testing {

/// A record that tests fill by hand; every view that is opened shows it.
struct FakeRecord {
    std::vector<WatchRow> watches;
    std::vector<ProcessRow> processes;
    std::vector<ProcessDetail> details;
    std::vector<DocumentRow> documents;
    std::vector<EventRow> events;
    StoreSummary summary;
    ProcessFilter last_filter;
};

/// A command line with made-up surroundings: a store directory, a clock that only moves by waiting, and no daemon.
class Terminal {
public:
    Terminal();

    /// Runs `signwatch ARGUMENTS...` and gives the exit code; `out` and `err` hold what it printed.
    int run(std::vector<std::string> arguments);
    /// The same with --store, so that no configuration is needed.
    int run_with_store(std::vector<std::string> arguments);

    /// Called after every wait with how many there were.
    std::function<void(int)> on_pause;

    signwatch::testing::TempDir directory;
    FakeRecord record;
    std::map<std::string, std::string> stored;  ///< by SHA-256
    std::optional<ReadyAnswer> ready;
    WallTime now;
    Context context;
    std::vector<std::string> retried;  ///< "account/process"
    std::optional<RunOptions> ran;
    std::string out;
    std::string err;

private:
    config::testing::FakeProviderFactory factory_;
    int pauses_ = 0;
};

/// 2026-03-04T10:00:00Z plus so many seconds.
WallTime at(int seconds);

/// An event of the record for job `process` with one PAdES.
EventRow event(std::uint64_t ms, const std::string& process, const std::string& acknowledgement);

}  // namespace signwatch::cli::testing
