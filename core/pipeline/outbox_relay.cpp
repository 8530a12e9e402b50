#include "core/pipeline/outbox_relay.hpp"

#include <random>
#include <utility>

namespace signwatch::pipeline {
namespace {

using std::chrono::seconds;

constexpr std::size_t most_in_a_batch = 256;
constexpr milliseconds look_interval = seconds{2};
constexpr milliseconds first_backoff{100};
constexpr milliseconds longest_backoff = seconds{5};

}  // namespace

OutboxRelay::OutboxRelay(Clock& clock, StateStore& state, EventStream& stream, Observer& observer, Progress& progress)
    : clock_(clock),
      state_(state),
      stream_(stream),
      observer_(observer),
      progress_(progress),
      backoff_(std::random_device{}()) {}

Task<void> OutboxRelay::run() {
    int failures = 0;
    bool end_known = false;
    for (bool last = false; !last;) {
        last = stopping_;
        last_round_ = clock_.schedule_now();
        WallTime next = last_round_ + look_interval;
        bool failed = false;
        try {
            const bool leads = co_await state_.lead("relay");
            if (leads) {
                if (!end_known) expected_end_ = co_await state_.published_end();
                co_await publish_all();
                if (clock_.schedule_now() >= next_look_) co_await look_at_stream();
            }
            end_known = leads;
            failures = 0;
        } catch (const Error& error) {
            failed = true;
            next = clock_.schedule_now() + backoff_.between(first_backoff, longest_backoff, ++failures);
            observer_.publish_failed(error, next);
        }
        // After a failure a new event is no reason to come back sooner; only stop() is.
        bool asleep = !last;
        while (asleep && !stopping_) {
            co_await clock_.sleep_until(next, wake_);
            asleep = failed && clock_.schedule_now() < next;
        }
    }
}

void OutboxRelay::stop() {
    stopping_ = true;
    wake_.set();
}

Task<void> OutboxRelay::publish_all() {
    for (;;) {
        std::vector<OutboxEvent> batch = co_await state_.claim_outbox(most_in_a_batch);
        if (batch.empty()) co_return;
        const bool intact = co_await publish_batch(std::move(batch));
        if (!intact && stopping_) co_return;
    }
}

Task<bool> OutboxRelay::publish_batch(std::vector<OutboxEvent> batch) {
    std::vector<std::int64_t> rows;
    for (const OutboxEvent& event : batch)
        rows.push_back(event.row);
    const EntryId last = batch.back().entry;
    const auto oldest_ms = static_cast<std::int64_t>(batch.front().entry.ms);

    progress_.reached(Step::publish_sending);
    PublishResult result = co_await stream_.publish(expected_end_, std::move(batch));
    if (!result.intact) {
        co_await publish_again_after(result.end);
        co_return false;
    }
    if (!result.displaced.empty()) {
        co_await state_.reassign_entries(std::move(result.displaced), result.end, clock_.now());
        co_return false;
    }
    progress_.reached(Step::publish_answered);
    const std::size_t count = rows.size();
    co_await state_.mark_published(std::move(rows), clock_.now());
    progress_.reached(Step::publish_marked);
    expected_end_ = last;
    next_look_ = clock_.schedule_now() + look_interval;
    observer_.events_published(count, clock_.now() - from_unix_ms(oldest_ms));
    co_return true;
}

Task<void> OutboxRelay::look_at_stream() {
    const EntryId end = co_await stream_.end();
    next_look_ = clock_.schedule_now() + look_interval;
    if (end < expected_end_) {
        co_await publish_again_after(end);
        co_await publish_all();
    }
}

Task<void> OutboxRelay::publish_again_after(EntryId end) {
    const std::size_t again = co_await state_.reopen_outbox(end);
    expected_end_ = end;
    observer_.stream_tail_lost(again);
}

}  // namespace signwatch::pipeline
