#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "core/domain/error.hpp"
#include "core/ports/event_stream.hpp"

namespace signwatch::testing {

/// An event with entry id `<ms>-<n>`, row 1000 * ms + n, and event id "event-<ms>-<n>".
OutboxEvent outbox_event(std::uint64_t ms, std::uint64_t n = 0);

/// An event stream in memory that fails when told to. Passes the same contract as the real one. Event-loop thread.
class MemoryEventStream : public EventStream {
public:
    Task<PublishResult> publish(EntryId expected_end, std::vector<OutboxEvent> batch) override;
    Task<EntryId> end() override;
    Task<std::vector<std::int64_t>> missing(std::vector<OutboxEvent> events) override;

    void append(OutboxEvent event);
    /// Forgets the last `count` entries, as a failover does.
    void lose_tail(std::size_t count);
    /// Takes an entry out of the middle.
    void lose(EntryId entry);
    /// Forgets what is before that entry, as a consumer does; the stream still ends where it ended.
    void trim(EntryId first);

    /// Each call throws this for as long as it is set, without doing anything.
    void fail_with(std::optional<Error> failure) { failure_ = std::move(failure); }
    /// The next publish does its work and throws this nevertheless: its reply is lost.
    void lose_next_reply(Error error) { lost_reply_ = std::move(error); }

    const std::vector<OutboxEvent>& entries() const { return entries_; }

private:
    EntryId last() const { return entries_.empty() ? trimmed_end_ : entries_.back().entry; }
    PublishResult append_new(const std::vector<OutboxEvent>& batch);

    std::vector<OutboxEvent> entries_;
    EntryId trimmed_end_;
    std::optional<Error> failure_;
    std::optional<Error> lost_reply_;
};

/// As many of them as are asked for. Event-loop thread.
class MemoryEventStreams : public EventStreams {
public:
    explicit MemoryEventStreams(int wanted = 1) : wanted_(wanted) {}

    int wanted() const override { return wanted_; }
    MemoryEventStream& at(Partition partition) override { return streams_[partition]; }
    void want(int partitions) { wanted_ = partitions; }
    const std::map<Partition, MemoryEventStream>& all() const { return streams_; }

private:
    int wanted_;
    std::map<Partition, MemoryEventStream> streams_;
};

}  // namespace signwatch::testing
