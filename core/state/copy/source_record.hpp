#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "core/state/copy/tables.hpp"
#include "core/state/sqlite/departure.hpp"

namespace signwatch::copy {

/// The record in SQLite that moves away. One thread; the caller holds the lock of its directory, so no daemon runs on
/// it. Throws what the store throws on opening, and permanent "store_missing".
class SourceRecord {
public:
    /// Brings it to our schema first.
    explicit SourceRecord(const std::filesystem::path& file);

    std::optional<sqlite::Departure> departure();
    /// Each of these is durable when it returns.
    void leave(const sqlite::Departure& departure, WallTime now);
    void mark_moved();
    void stay();

    std::uint64_t count(const Table& table);
    /// The next rows behind `after` (nullopt: the first), some thousands or some MiB. Empty: there are no more.
    Page page(const Table& table, const std::optional<Key>& after);

    /// What its daemon tied the schedule timeline to; empty: no daemon has run on it.
    std::string schedule_anchor();

private:
    struct Statements {
        std::string count;
        std::string first;
        std::string next;
    };

    const Statements& statements_for(const Table& table);
    template <typename Work>
    void transact(const Work& work);

    std::map<std::string_view, Statements> statements_;  // outlives the prepared ones, which go by its texts
    sqlite::Database database_;
};

}  // namespace signwatch::copy
