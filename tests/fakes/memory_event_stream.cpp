#include "tests/fakes/memory_event_stream.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace signwatch::testing {
namespace {

void require_ascending(const std::vector<OutboxEvent>& batch) {
    EntryId last;
    for (const OutboxEvent& event : batch) {
        if (event.entry <= last) throw Error(ErrorKind::permanent, "stream_order", "entry ids are not ascending");
        last = event.entry;
    }
}

}  // namespace

OutboxEvent outbox_event(std::uint64_t ms, std::uint64_t n) {
    OutboxEvent event;
    event.row = static_cast<std::int64_t>(1000 * ms + n);
    event.entry = {ms, n};
    event.message.id = "event-" + to_string(event.entry);
    event.message.type = "io.signwatch.test.v1";
    event.message.partition_key = "posten/main/" + std::to_string(ms);
    event.message.sequence = n + 1;
    event.message.json = R"({"id":")" + event.message.id + R"("})";
    return event;
}

Task<PublishResult> MemoryEventStream::publish(EntryId expected_end, std::vector<OutboxEvent> batch) {
    require_ascending(batch);
    if (failure_) throw Error(*failure_);
    PublishResult result;
    result.end = last();
    result.intact = result.end >= expected_end;
    if (result.intact) result = append_new(batch);
    if (lost_reply_) {
        const Error error = *lost_reply_;
        lost_reply_.reset();
        throw Error(error);
    }
    co_return result;
}

Task<EntryId> MemoryEventStream::end() {
    if (failure_) throw Error(*failure_);
    co_return last();
}

Task<std::vector<std::int64_t>> MemoryEventStream::missing(std::vector<OutboxEvent> events) {
    require_ascending(events);
    if (failure_) throw Error(*failure_);
    std::vector<std::int64_t> rows;
    for (const OutboxEvent& event : events) {
        const auto held = std::ranges::find(entries_, event.entry, &OutboxEvent::entry);
        const bool trimmed = event.entry <= last() && (entries_.empty() || event.entry < entries_.front().entry);
        const bool holds = held != entries_.end() && held->message.id == event.message.id;
        if (!holds && !trimmed) rows.push_back(event.row);
    }
    co_return rows;
}

void MemoryEventStream::append(OutboxEvent event) {
    entries_.push_back(std::move(event));
}

void MemoryEventStream::lose_tail(std::size_t count) {
    entries_.resize(entries_.size() - std::min(count, entries_.size()));
    trimmed_end_ = {};
}

void MemoryEventStream::lose(EntryId entry) {
    std::erase_if(entries_, [entry](const OutboxEvent& event) { return event.entry == entry; });
}

void MemoryEventStream::trim(EntryId first) {
    trimmed_end_ = last();
    std::erase_if(entries_, [first](const OutboxEvent& event) { return event.entry < first; });
}

PublishResult MemoryEventStream::append_new(const std::vector<OutboxEvent>& batch) {
    PublishResult result;
    std::vector<OutboxEvent> added;
    for (const OutboxEvent& event : batch) {
        const auto held = std::ranges::find(entries_, event.entry, &OutboxEvent::entry);
        if (event.entry > last())
            added.push_back(event);
        else if (held == entries_.end() || held->message.id != event.message.id)
            result.displaced.push_back(event.row);
    }
    if (result.displaced.empty()) entries_.insert(entries_.end(), added.begin(), added.end());
    result.end = last();
    return result;
}

}  // namespace signwatch::testing
