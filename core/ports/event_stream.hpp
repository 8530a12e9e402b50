#pragma once

#include <vector>

#include "core/domain/event.hpp"
#include "core/domain/stream_layout.hpp"
#include "core/ports/task.hpp"

namespace signwatch {

struct PublishResult {
    /// False: nothing was written, because the stream ends before `expected_end`: it has lost its tail.
    bool intact = true;
    EntryId end;  ///< the last entry id of the stream, after the call

    /// Rows that the stream can never take under their entry id (it ends at or behind them, and they are not in it):
    /// they need new entry ids. Nothing of such a batch was written.
    std::vector<std::int64_t> displaced;
};

/// An ordered stream of events with explicit entry ids: it refuses an id twice, which makes publishing idempotent.
class EventStream {
public:
    virtual ~EventStream() = default;

    /// Appends the batch in order, all or nothing, provided that the stream still ends at or behind `expected_end`
    /// (checked atomically with the append). Entries that are already there (same entry id and event id) are skipped.
    /// Throws Error(transient) when the stream cannot be reached or refuses writes for now: the batch may or may not be
    /// there.
    virtual Task<PublishResult> publish(EntryId expected_end, std::vector<OutboxEvent> batch) = 0;

    /// Throws Error when the stream cannot be reached now.
    virtual Task<EntryId> end() = 0;

    /// The rows of those events, ascending by entry id, that the stream should hold under their entry ids and does not.
    /// What lies before its oldest entry was trimmed by its consumers, and is not missing; nor is anything up to its
    /// end if they left nothing. Changes nothing. Throws like end().
    virtual Task<std::vector<std::int64_t>> missing(std::vector<OutboxEvent> events) = 0;
};

/// The streams that events are divided among.
class EventStreams {
public:
    virtual ~EventStreams() = default;

    /// How many there should be for new events; 1: one, undivided.
    virtual int wanted() const = 0;
    /// The stream of a partition; lives as long as this.
    virtual EventStream& at(Partition partition) = 0;
};

}  // namespace signwatch
