#include "core/pipeline/outbox_relay.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "core/ports/kept_layout.hpp"
#include "core/runtime/gather.hpp"

namespace signwatch::pipeline {
namespace {

using std::chrono::seconds;

constexpr std::size_t most_in_a_batch = 256;
constexpr std::size_t most_in_a_page = 1000;
constexpr int most_batches_beside_a_failure = 16;
constexpr milliseconds look_interval = seconds{2};
constexpr milliseconds first_backoff{100};
constexpr milliseconds longest_backoff = seconds{5};

}  // namespace

OutboxRelay::OutboxRelay(Clock& clock, StateStore& state, EventStreams& streams, Observer& observer, Progress& progress)
    : clock_(clock),
      state_(state),
      streams_(streams),
      observer_(observer),
      progress_(progress),
      backoff_(std::random_device{}()) {}

Task<void> OutboxRelay::run() {
    int failures = 0;
    bool in_office = false;
    for (bool last = false; !last;) {
        last = stopping_;
        last_round_ = clock_.schedule_now();
        WallTime next = last_round_ + look_interval;
        bool failed = false;
        try {
            const bool leads = co_await state_.lead("relay");
            if (leads && !in_office) co_await take_office();
            in_office = leads;
            if (leads) co_await work();
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

Task<void> OutboxRelay::take_office() {
    layout_ = co_await read_layout(state_);
    places_.clear();
    const EntryId end = co_await state_.published_end();
    if (end.is_zero() && layout_.partitions() != streams_.wanted()) co_await divide_after(end);
    for (const Partition each : layout_.all())
        places_[each];
    if (is_undivided()) places_[undivided].expected_end = end;
}

Task<void> OutboxRelay::work() {
    failure_.reset();
    for (auto& [partition, place] : places_)
        place.failed = false;
    co_await publish_all();
    if (!failure_ && layout_.partitions() != streams_.wanted()) co_await divide_anew();
    co_await look_at_streams();
    if (failure_) throw Error(*failure_);
}

Task<void> OutboxRelay::publish_all() {
    int left = most_batches_beside_a_failure;
    for (bool more = true; more && left > 0;) {
        Batch batch = co_await state_.claim_outbox(most_in_a_batch);
        if (batch.empty()) co_return;
        more = co_await publish_batch(std::move(batch));
        if (failure_) --left;
    }
}

// Gives whether it is worth while to go on.
Task<bool> OutboxRelay::publish_batch(Batch batch) {
    std::map<Partition, Batch> parts;
    for (OutboxEvent& event : batch) {
        const Partition partition = layout_.partition_of(event);
        if (!places_[partition].failed) parts[partition].push_back(std::move(event));
    }
    std::vector<Task<Outcome>> tasks;
    for (auto& [partition, part] : parts)
        tasks.push_back(try_part(partition, std::move(part)));
    const auto loop = co_await boost::asio::this_coro::executor;
    const std::vector<Outcome> outcomes = co_await runtime::gather(loop, std::move(tasks));
    const bool published = std::ranges::count(outcomes, Outcome::published) > 0;
    const bool opened_again = std::ranges::count(outcomes, Outcome::opened_again) > 0;
    co_return published || (opened_again && !stopping_);
}

Task<OutboxRelay::Outcome> OutboxRelay::try_part(Partition partition, Batch part) {
    Outcome outcome = Outcome::failed;
    try {
        outcome = co_await publish_part(partition, std::move(part));
    } catch (const Error& error) {
        note(partition, error);
    }
    co_return outcome;
}

Task<OutboxRelay::Outcome> OutboxRelay::publish_part(Partition partition, Batch part) {
    Place& place = places_[partition];
    if (!place.expected_end) {
        const bool whole = co_await is_whole(partition);
        if (!whole) co_return Outcome::opened_again;
    }
    std::vector<std::int64_t> rows;
    for (const OutboxEvent& event : part)
        rows.push_back(event.row);
    const EntryId last = part.back().entry;
    const auto oldest_ms = static_cast<std::int64_t>(part.front().entry.ms);

    progress_.reached(Step::publish_sending);
    PublishResult result = co_await streams_.at(partition).publish(*place.expected_end, std::move(part));
    if (!result.intact) {
        const std::size_t again = co_await publish_again_after(partition, result.end);
        observer_.stream_tail_lost(again);
        co_return Outcome::opened_again;
    }
    if (!result.displaced.empty()) {
        co_await state_.reassign_entries(std::move(result.displaced), result.end, clock_.now());
        co_return Outcome::opened_again;
    }
    progress_.reached(Step::publish_answered);
    const std::size_t count = rows.size();
    co_await state_.mark_published(std::move(rows), clock_.now());
    progress_.reached(Step::publish_marked);
    place.expected_end = last;
    place.next_look = clock_.schedule_now() + look_interval;
    observer_.events_published(count, clock_.now() - from_unix_ms(oldest_ms));
    co_return Outcome::published;
}

Task<void> OutboxRelay::look_at_streams() {
    bool whole = true;
    for (const Partition each : layout_.all()) {
        if (places_[each].failed || clock_.schedule_now() < places_[each].next_look) continue;
        try {
            const bool this_one = co_await is_whole(each);
            whole = whole && this_one;
        } catch (const Error& error) {
            note(each, error);
        }
    }
    if (!whole) co_await publish_all();
}

// What the stream has lost is in the outbox again.
Task<bool> OutboxRelay::is_whole(Partition partition) {
    const EntryId end = co_await streams_.at(partition).end();
    Place& place = places_[partition];
    place.next_look = clock_.schedule_now() + look_interval;
    const bool known = place.expected_end.has_value();
    if (known && end >= *place.expected_end) co_return true;
    const std::size_t again = co_await publish_again_after(partition, end);
    const bool whole = !known && again == 0;
    if (!whole) observer_.stream_tail_lost(again);
    co_return whole;
}

Task<std::size_t> OutboxRelay::publish_again_after(Partition partition, EntryId end) {
    std::size_t again = 0;
    if (is_undivided()) {
        again = co_await state_.reopen_outbox(end);
    } else {
        const StreamLayout::Span span = layout_.span_of(partition);
        EntryId after = std::max(end, span.after);
        for (bool more = true; more && !(span.last && after >= *span.last);) {
            Batch page = co_await state_.published_after(after, most_in_a_page);
            more = page.size() == most_in_a_page;
            if (!page.empty()) after = page.back().entry;
            std::erase_if(page, [&](const OutboxEvent& each) { return layout_.partition_of(each) != partition; });
            if (page.empty()) continue;
            const std::size_t some = co_await state_.reopen_events(std::move(page));
            again += some;
        }
    }
    places_[partition].expected_end = end;
    co_return again;
}

Task<void> OutboxRelay::divide_anew() {
    const Batch waiting = co_await state_.claim_outbox(1);
    if (!waiting.empty()) co_return;
    const EntryId last = co_await state_.published_end();
    co_await divide_after(last);
}

Task<void> OutboxRelay::divide_after(EntryId last) {
    StreamLayout layout = layout_;
    layout.divide_after(last, streams_.wanted());
    co_await keep_layout(state_, layout);
    layout_ = std::move(layout);
    observer_.stream_divided(streams_.wanted(), last);
}

void OutboxRelay::note(Partition partition, const Error& error) {
    places_[partition].failed = true;
    if (!failure_) failure_ = error;
}

}  // namespace signwatch::pipeline
