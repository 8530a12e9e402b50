#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/runtime/system_clock.hpp"
#include "core/state/postgres/server.hpp"

/// Moves a record from SQLite to PostgreSQL.
namespace signwatch::copy {

/// What has just become durable, or was just seen.
enum class MoveStep {
    leaving,   ///< the source takes nothing any more
    filling,   ///< the target is ours, and unfinished
    copied,    ///< one more page
    compared,  ///< one more page
    moved,     ///< the source is history
    released,  ///< the target may be worked on
};

struct MoveProgress {
    MoveStep step = MoveStep::leaving;
    std::uint64_t rows = 0;   ///< copied, or compared
    std::uint64_t whole = 0;  ///< of so many
};

using ShowMove = std::function<void(const MoveProgress& progress)>;

struct MovedTable {
    std::string name;
    std::uint64_t rows = 0;
    std::string sha256;  ///< over all its values, which are the same on both sides
};

struct MoveReport {
    std::vector<MovedTable> tables;
    bool resumed = false;  ///< an earlier run had begun it
    bool already = false;  ///< an earlier run had ended it, and nothing was done
};

/// Throws what `move_record` would refuse; changes nothing but the schemas.
void check_move(const std::filesystem::path& source, const postgres::Server& target, runtime::SystemClock& clock);

/// Moves a record in steps, each durable before the next begins, so that a run that was killed is taken up by another
/// one with the same arguments. Nothing works on the source from the first step on, and nothing on the target before
/// the last: an update cannot be acknowledged or published by both. The caller keeps daemons away from the source (the
/// lock of its directory). `clock` is put on the source's timeline. Blocking. Throws Error: permanent "store_missing",
/// "store_moving" (it is on its way elsewhere), "store_moved", "store_not_empty", transient "store_busy" (somebody else
/// is at it), integrity "copy_differs", and what the stores throw.
MoveReport move_record(const std::filesystem::path& source,
                       const postgres::Server& target,
                       runtime::SystemClock& clock,
                       const ShowMove& show);

struct AbandonReport {
    bool emptied = false;  ///< the target holds nothing of the record any more
    std::string trouble;   ///< why the target could not be looked at; empty: it could
};

/// Takes the record back into service, as long as the target was not released. A target that does not answer keeps what
/// it has, and nobody can work on that; once it answers, this empties it. Throws as move_record, and permanent
/// "nothing_to_abandon".
AbandonReport abandon_move(const std::filesystem::path& source, const postgres::Server& target);

}  // namespace signwatch::copy
