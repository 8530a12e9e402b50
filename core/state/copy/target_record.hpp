#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "core/state/copy/tables.hpp"
#include "core/state/postgres/arrival.hpp"

namespace signwatch::copy {

/// How far a table has come.
struct Place {
    std::optional<Key> last;  ///< of what is there; nullopt: nothing is
    std::uint64_t rows = 0;
};

/// The record in PostgreSQL that another one moves to. One thread and one connection. Throws what the store throws on
/// opening; a connection that is lost is not made anew.
class TargetRecord {
public:
    /// Brings the database to our schema, and waits until nobody else copies to it: as long as a session that was cut
    /// off needs to end, then Error(transient, "store_busy").
    explicit TargetRecord(const postgres::Server& server);

    std::optional<postgres::Arrival> arrival();
    /// Throws Error(permanent, "store_not_empty") if anything is there, or if daemons run on it.
    void require_empty();
    /// The same, and from here on it is unfinished.
    void begin(const std::string& move, const std::string& source);

    Place place_of(const Table& table);
    /// Adds the rows and notes their place, together. `place` is moved on.
    void write(const Table& table, const Page& page, Place& place);
    /// Up to `limit` rows behind `after`.
    Page page(const Table& table, const std::optional<Key>& after, std::size_t limit);

    /// Everything that is derived: sequences, counts, what budgets share, and the timeline, which goes on where
    /// `schedule_now` is. Then daemons may begin.
    void release(const std::function<WallTime()>& schedule_now);
    /// Nothing of the record is left here.
    void abandon();

private:
    struct Statements {
        std::string any;
        std::string first;
        std::string next;
        std::string insert;
    };

    const Statements& statements_for(const Table& table);
    template <typename Work>
    auto transact(const Work& work);
    void wait_for_others();
    void write_rows(const Table& table, const Page& page, const Place& place);
    void refuse_if_used();

    std::map<std::string_view, Statements> statements_;  // outlives the prepared ones, which go by its texts
    postgres::Database database_;
};

}  // namespace signwatch::copy
