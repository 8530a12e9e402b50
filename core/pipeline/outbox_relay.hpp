#pragma once

#include <string_view>

#include "core/pipeline/backoff.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/event_stream.hpp"
#include "core/ports/observer.hpp"
#include "core/ports/progress.hpp"
#include "core/ports/state_store.hpp"

namespace signwatch::pipeline {

/// Publishes the outbox to the event stream, in entry order, and marks what the stream has. While the stream is away
/// the outbox grows and nothing else notices. A stream that has lost its tail gets it again; it is looked at also when
/// there is nothing to publish. Of several daemons on one store only one publishes at a time; the others wait.
/// Event-loop thread.
class OutboxRelay {
public:
    OutboxRelay(Clock& clock, StateStore& state, EventStream& stream, Observer& observer, Progress& progress);

    Task<void> run();
    /// Ends run; what is in the outbox by now is still given one try.
    void stop();
    /// A new event is in the outbox.
    void wake() { wake_.set(); }
    WallTime last_round() const { return last_round_; }

private:
    Task<void> publish_all();
    Task<bool> publish_batch(std::vector<OutboxEvent> batch);
    Task<void> look_at_stream();
    Task<void> publish_again_after(EntryId end);

    Clock& clock_;
    StateStore& state_;
    EventStream& stream_;
    Observer& observer_;
    Progress& progress_;
    Backoff backoff_;
    Wake wake_;
    EntryId expected_end_;
    WallTime next_look_{};
    WallTime last_round_{};
    bool stopping_ = false;
};

}  // namespace signwatch::pipeline
