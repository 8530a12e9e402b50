#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/event.hpp"

namespace signwatch {

/// One of the streams that events are divided among, from 0; or the one that has them all.
using Partition = int;
constexpr Partition undivided = -1;

constexpr int most_partitions = 64;

/// `stream`, or "`stream`:{3}": in a Redis Cluster what stands in braces alone decides where it is.
std::string stream_name(const std::string& stream, Partition partition);

/// Which stream each event is in. The number of streams may change; the events before the change stay where they are,
/// so an event's entry id says which number counts for it. A value that is kept with the record.
class StreamLayout {
public:
    /// `partitions` from the first event on; 1: undivided.
    explicit StreamLayout(int partitions);
    /// What text() gave; nullopt for anything else.
    static std::optional<StreamLayout> parse(std::string_view text);
    std::string text() const;

    /// What counts for new events.
    int partitions() const { return eras_.back().partitions; }
    /// Events behind `last` are divided among `partitions`. All up to it must be published.
    void divide_after(EntryId last, int partitions);

    /// By the FNV-1a hash (64 bits) of the event's partition key: all events of a process are in one stream.
    Partition partition_of(const OutboxEvent& event) const;
    /// Every stream that events were ever meant for, each once.
    std::vector<Partition> all() const;
    /// Everything that was ever meant for a stream lies behind `after`, and up to `last`; nullopt: it still gets more.
    struct Span {
        EntryId after;
        std::optional<EntryId> last;

        bool operator==(const Span&) const = default;
    };
    Span span_of(Partition partition) const;

    bool operator==(const StreamLayout&) const = default;

private:
    struct Era {
        EntryId after;
        int partitions;

        bool has(Partition partition) const;
        bool operator==(const Era&) const = default;
    };

    std::vector<Era> eras_;
};

}  // namespace signwatch
