#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/domain/stream_layout.hpp"
#include "core/pipeline/backoff.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/event_stream.hpp"
#include "core/ports/observer.hpp"
#include "core/ports/progress.hpp"
#include "core/ports/state_store.hpp"

namespace signwatch::pipeline {

/// Publishes the outbox to the streams of events, to each in entry order, and marks what they have. While a stream is
/// away the outbox grows and nothing else notices; the other streams go on. A stream that has lost its tail gets it
/// again; each is looked at also when there is nothing to publish. Of several daemons on one store only one publishes
/// at a time, to all streams; the others wait.
///
/// Which stream an event is for is the StreamLayout kept in the record. When `streams` wants another number, that
/// counts as soon as everything before is published. Event-loop thread.
class OutboxRelay {
public:
    OutboxRelay(Clock& clock, StateStore& state, EventStreams& streams, Observer& observer, Progress& progress);

    Task<void> run();
    /// Ends run; what is in the outbox by now is still given one try.
    void stop();
    /// A new event is in the outbox.
    void wake() { wake_.set(); }
    WallTime last_round() const { return last_round_; }

private:
    using Batch = std::vector<OutboxEvent>;
    enum class Outcome { published, opened_again, failed };

    struct Place {
        std::optional<EntryId> expected_end;  ///< nullopt: not yet compared with the record
        WallTime next_look{};
        bool failed = false;  ///< in this round
    };

    Task<void> take_office();
    Task<void> work();
    Task<void> publish_all();
    Task<bool> publish_batch(Batch batch);
    Task<Outcome> try_part(Partition partition, Batch part);
    Task<Outcome> publish_part(Partition partition, Batch part);
    Task<void> look_at_streams();
    Task<bool> is_whole(Partition partition);
    Task<std::size_t> publish_again_after(Partition partition, EntryId end);
    Task<void> divide_anew();
    Task<void> divide_after(EntryId last);
    void note(Partition partition, const Error& error);
    bool is_undivided() const { return layout_ == StreamLayout(1); }

    Clock& clock_;
    StateStore& state_;
    EventStreams& streams_;
    Observer& observer_;
    Progress& progress_;
    Backoff backoff_;
    Wake wake_;
    StreamLayout layout_{1};
    std::map<Partition, Place> places_;
    std::optional<Error> failure_;  ///< the first of this round
    WallTime last_round_{};
    bool stopping_ = false;
};

}  // namespace signwatch::pipeline
