#include "core/events/redis/redis_event_stream.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/domain/error.hpp"
#include "core/events/redis/entries.hpp"
#include "core/events/redis/master.hpp"
#include "core/events/redis/reply_error.hpp"
#include "core/runtime/condition.hpp"

namespace signwatch::redis {
namespace {

using Batch = std::vector<OutboxEvent>;

constexpr int most_attempts = 5;

void require_success(const std::vector<Value>& replies) {
    for (const Value& reply : replies)
        if (reply.is_error()) throw error_of(reply.text);
}

// How the events of a batch stand to a stream that ends at `end`: it may hold the first ones; the others are new.
struct Comparison {
    std::size_t old = 0;
    std::vector<std::int64_t> displaced;
};

Comparison compare(const Batch& batch, const std::vector<Value>& ranges) {
    Comparison comparison;
    comparison.old = ranges.size();
    for (std::size_t i = 0; i < ranges.size(); ++i)
        if (!holds(ranges[i], batch[i])) comparison.displaced.push_back(batch[i].row);
    return comparison;
}

class RedisEventStream final : public EventStream {
public:
    RedisEventStream(boost::asio::any_io_executor loop, RedisSettings settings, StateListener on_state)
        : settings_(std::move(settings)), on_state_(std::move(on_state)), master_(loop, settings_), turn_ended_(loop) {
        append_command(ask_.commands, {"XINFO", "STREAM", settings_.stream});
        ask_.replies = 1;
        append_command(watch_and_ask_.commands, {"WATCH", settings_.stream});
        watch_and_ask_.commands += ask_.commands;
        watch_and_ask_.replies = 2;
    }

    Task<PublishResult> publish(EntryId expected_end, Batch batch) override;
    Task<EntryId> end() override;
    Task<std::vector<std::int64_t>> missing(Batch events) override;

private:
    // One call at a time uses the connection.
    class Turn {
    public:
        explicit Turn(RedisEventStream& stream) : stream_(stream) { stream_.busy_ = true; }
        ~Turn() {
            stream_.busy_ = false;
            stream_.turn_ended_.notify_all();
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        RedisEventStream& stream_;
    };

    Task<void> wait_for_turn();
    Task<PublishResult> publish_once(EntryId expected_end, const Batch& batch, bool& contended);
    Task<std::vector<std::int64_t>> compare_all(const Batch& events);
    Task<EntryId> look(const Question& question);
    Task<Comparison> compare_with_stream(const Batch& batch, EntryId end);
    Task<bool> append(const Batch& batch, std::size_t first);
    Task<void> unwatch();
    void drop(const Error& error);
    void report(bool connected, const std::string& reason);

    const RedisSettings settings_;
    const StateListener on_state_;
    Master master_;
    runtime::Condition turn_ended_;
    Question ask_;
    Question watch_and_ask_;
    std::optional<bool> reported_;
    bool busy_ = false;
};

Task<PublishResult> RedisEventStream::publish(EntryId expected_end, Batch batch) {
    require_ascending(batch);
    co_await wait_for_turn();
    const Turn turn(*this);
    try {
        for (int attempt = 0; attempt < most_attempts; ++attempt) {
            bool contended = false;
            PublishResult result = co_await publish_once(expected_end, batch, contended);
            if (!contended) co_return result;
        }
        throw Error(ErrorKind::transient, "stream_contended", "somebody else writes to the stream all the time");
    } catch (const Error& error) {
        drop(error);
        throw;
    }
}

Task<EntryId> RedisEventStream::end() {
    co_await wait_for_turn();
    const Turn turn(*this);
    try {
        const EntryId end = co_await look(ask_);
        co_return end;
    } catch (const Error& error) {
        drop(error);
        throw;
    }
}

Task<std::vector<std::int64_t>> RedisEventStream::missing(Batch events) {
    require_ascending(events);
    co_await wait_for_turn();
    const Turn turn(*this);
    try {
        co_await look(ask_);
        std::vector<std::int64_t> rows = co_await compare_all(events);
        co_return rows;
    } catch (const Error& error) {
        drop(error);
        throw;
    }
}

Task<void> RedisEventStream::wait_for_turn() {
    while (busy_)
        co_await turn_ended_.wait();
}

Task<PublishResult> RedisEventStream::publish_once(EntryId expected_end, const Batch& batch, bool& contended) {
    PublishResult result;
    result.end = co_await look(watch_and_ask_);
    result.intact = result.end >= expected_end;
    Comparison comparison;
    if (result.intact && !batch.empty() && batch.front().entry <= result.end)
        comparison = co_await compare_with_stream(batch, result.end);
    if (!result.intact || !comparison.displaced.empty() || comparison.old == batch.size()) {
        result.displaced = std::move(comparison.displaced);
        co_await unwatch();
        co_return result;
    }
    const bool appended = co_await append(batch, comparison.old);
    contended = !appended;
    result.end = batch.back().entry;
    co_return result;
}

// How far the stream reaches is asked last: what is trimmed meanwhile is then seen as trimmed.
Task<std::vector<std::int64_t>> RedisEventStream::compare_all(const Batch& events) {
    std::string commands;
    for (const OutboxEvent& event : events) {
        const std::string id = to_string(event.entry);
        append_command(commands, {"XRANGE", settings_.stream, id, id});
    }
    commands += ask_.commands;
    const std::vector<Value> replies = co_await master_.exchange(commands, events.size() + 1);
    const Extent extent = extent_from(replies.back());
    std::vector<std::int64_t> rows;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const EntryId entry = events[i].entry;
        const bool trimmed = entry <= extent.end && (extent.oldest.is_zero() || entry < extent.oldest);
        if (!trimmed && !holds(replies[i], events[i])) rows.push_back(events[i].row);
    }
    co_return rows;
}

Task<EntryId> RedisEventStream::look(const Question& question) {
    const std::vector<Value> replies = co_await master_.ask(question);
    report(true, {});
    if (replies.size() > 1 && replies.front().is_error()) throw error_of(replies.front().text);
    co_return end_from(replies.back());
}

Task<Comparison> RedisEventStream::compare_with_stream(const Batch& batch, EntryId end) {
    std::string commands;
    std::size_t count = 0;
    for (; count < batch.size() && batch[count].entry <= end; ++count) {
        const std::string id = to_string(batch[count].entry);
        append_command(commands, {"XRANGE", settings_.stream, id, id});
    }
    const std::vector<Value> ranges = co_await master_.exchange(commands, count);
    co_return compare(batch, ranges);
}

/// False: nothing was written, because the stream has changed since WATCH.
Task<bool> RedisEventStream::append(const Batch& batch, std::size_t first) {
    std::string commands;
    append_command(commands, {"MULTI"});
    for (std::size_t i = first; i < batch.size(); ++i)
        append_xadd(commands, settings_.stream, batch[i]);
    append_command(commands, {"EXEC"});
    const std::size_t added = batch.size() - first;
    const std::vector<Value> replies = co_await master_.exchange(commands, added + 2);
    require_success(replies);
    const Value& outcome = replies.back();
    if (outcome.kind == Value::Kind::nil) co_return false;
    require_success(outcome.elements);
    if (outcome.elements.size() != added)
        throw Error(ErrorKind::transient, "redis_protocol", "the reply to EXEC does not fit the transaction");
    co_return true;
}

Task<void> RedisEventStream::unwatch() {
    std::string command;
    append_command(command, {"UNWATCH"});
    const std::vector<Value> replies = co_await master_.exchange(command, 1);
    require_success(replies);
}

void RedisEventStream::drop(const Error& error) {
    master_.close();
    report(false, error.code());
}

void RedisEventStream::report(bool connected, const std::string& reason) {
    if (reported_ == connected) return;
    reported_ = connected;
    if (on_state_) on_state_(connected, reason);
}

}  // namespace

std::unique_ptr<EventStream> make_event_stream(boost::asio::any_io_executor loop,
                                               RedisSettings settings,
                                               StateListener on_state) {
    return std::make_unique<RedisEventStream>(std::move(loop), std::move(settings), std::move(on_state));
}

}  // namespace signwatch::redis
