#include "core/events/redis/redis_command_stream.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unistd.h>
#include <utility>

#include "core/domain/error.hpp"
#include "core/events/redis/command_entries.hpp"
#include "core/events/redis/master.hpp"
#include "core/events/redis/reply_error.hpp"

namespace signwatch::redis {
namespace {

using std::chrono::milliseconds;
using Commands = std::vector<Command>;

// An entry that was claimed so often without its reply ever arriving is too large for us.
constexpr std::int64_t unreadable_after = 8;

void require_success(const Value& reply) {
    if (reply.is_error()) throw error_of(reply.text);
}

// What is pending, by how it is taken.
struct Unfinished {
    std::vector<PendingEntry> own;
    std::vector<PendingEntry> abandoned;
    Commands unreadable;
};

Unfinished sort_out(std::vector<PendingEntry> own, std::vector<PendingEntry> idle, const std::string& consumer) {
    Unfinished unfinished;
    const auto other = [&](const PendingEntry& each) { return each.consumer != consumer; };
    std::ranges::copy_if(idle, std::back_inserter(unfinished.abandoned), other);
    for (PendingEntry& each : own) {
        if (each.deliveries >= unreadable_after)
            unfinished.unreadable.push_back({each.entry, {}, each.deliveries + 1});
        else
            unfinished.own.push_back(std::move(each));
    }
    return unfinished;
}

class RedisCommandStream final : public CommandStream {
public:
    RedisCommandStream(boost::asio::any_io_executor loop,
                       RedisSettings settings,
                       CommandStreamNames names,
                       StateListener on_state)
        : settings_(std::move(settings)),
          names_(std::move(names)),
          on_state_(std::move(on_state)),
          master_(std::move(loop), settings_) {
        append_command(places_of_answers_.commands, {"XLEN", names_.results()});
        append_command(places_of_answers_.commands, {"XLEN", names_.dead()});
        places_of_answers_.replies = 2;
    }

    Task<Commands> take(std::size_t limit, milliseconds patience) override;
    Task<void> finish(std::vector<CommandAnswer> answers) override;
    void stop() override;

private:
    Task<void> connect();
    Task<void> make_group();
    Task<Commands> take_once(std::size_t limit, milliseconds patience);
    Task<Commands> take_unfinished(std::size_t limit);
    Task<Commands> take_own(std::vector<PendingEntry> entries);
    Task<Commands> take_over(std::vector<PendingEntry> entries);
    Task<Commands> take_fresh(std::size_t limit, milliseconds patience);
    void drop(const Error& error);
    void report(bool connected, const std::string& reason);

    const RedisSettings settings_;
    const CommandStreamNames names_;
    const StateListener on_state_;
    Master master_;
    Question places_of_answers_;
    std::optional<bool> reported_;
    bool one_by_one_ = false;  ///< the last reply was too large
    bool taking_ = false;
    bool stopping_ = false;
};

Task<Commands> RedisCommandStream::take(std::size_t limit, milliseconds patience) {
    Commands commands;
    if (stopping_) co_return commands;
    taking_ = true;
    try {
        bool group_is_gone = false;
        try {
            commands = co_await take_once(limit, patience);
        } catch (const Error& error) {
            if (error.code() != "redis_nogroup") throw;
            group_is_gone = true;
        }
        if (group_is_gone) {
            co_await make_group();
            commands = co_await take_once(limit, patience);
        }
        taking_ = false;
    } catch (const Error& error) {
        taking_ = false;
        if (error.code() == "redis_protocol") one_by_one_ = true;
        drop(error);
        if (!stopping_) throw;
    }
    co_return commands;
}

Task<void> RedisCommandStream::finish(std::vector<CommandAnswer> answers) {
    std::string commands;
    const std::size_t count = append_answers(commands, names_, answers);
    try {
        co_await connect();
        const std::vector<Value> replies = co_await master_.exchange(commands, count);
        std::ranges::for_each(replies, require_success);
        std::ranges::for_each(replies.back().elements, require_success);
        if (replies.back().elements.size() + 2 != count)
            throw Error(ErrorKind::transient, "redis_protocol", "the reply to EXEC does not fit the transaction");
    } catch (const Error& error) {
        drop(error);
        throw;
    }
}

void RedisCommandStream::stop() {
    stopping_ = true;
    if (taking_) master_.interrupt();
}

// Asks for the keys of the answers as well: in a transaction, one of another type would lose its answers. First, as
// that leads to the right node of a cluster.
Task<void> RedisCommandStream::connect() {
    if (master_.is_open()) co_return;
    const std::vector<Value> replies = co_await master_.ask(places_of_answers_);
    std::ranges::for_each(replies, require_success);
    co_await make_group();
    report(true, {});
}

Task<void> RedisCommandStream::make_group() {
    std::string command;
    append_command(command, {"XGROUP", "CREATE", names_.key, names_.group, "0", "MKSTREAM"});
    const std::vector<Value> replies = co_await master_.exchange(command, 1);
    if (!replies.front().text.starts_with("BUSYGROUP")) require_success(replies.front());
}

Task<Commands> RedisCommandStream::take_once(std::size_t limit, milliseconds patience) {
    co_await connect();
    Commands commands = co_await take_unfinished(limit);
    if (commands.empty()) commands = co_await take_fresh(limit, patience);
    co_return commands;
}

Task<Commands> RedisCommandStream::take_unfinished(std::size_t limit) {
    std::string question;
    append_pending(question, names_, one_by_one_ ? 1 : limit);
    const std::vector<Value> replies = co_await master_.exchange(question, 2);
    Unfinished unfinished = sort_out(pending_from(replies.front()), pending_from(replies.back()), names_.consumer);
    Commands commands = std::move(unfinished.unreadable);
    if (!commands.empty()) co_return commands;
    one_by_one_ = one_by_one_ && !unfinished.own.empty();
    if (!unfinished.own.empty()) commands = co_await take_own(std::move(unfinished.own));
    if (commands.empty() && !unfinished.abandoned.empty())
        commands = co_await take_over(std::move(unfinished.abandoned));
    co_return commands;
}

// What is ours and does not come with XCLAIM was deleted from the stream: nobody can do it any more.
Task<Commands> RedisCommandStream::take_own(std::vector<PendingEntry> entries) {
    std::string claim;
    append_claim(claim, names_, entries, milliseconds{0});
    const std::vector<Value> replies = co_await master_.exchange(claim, 1);
    Commands commands = claimed_from(replies.front(), entries);
    std::vector<EntryId> deleted;
    for (const PendingEntry& each : entries)
        if (std::ranges::find(commands, each.entry, &Command::entry) == commands.end()) deleted.push_back(each.entry);
    if (!deleted.empty()) {
        std::string acknowledge;
        append_acknowledge(acknowledge, names_, deleted);
        const std::vector<Value> answers = co_await master_.exchange(acknowledge, 1);
        require_success(answers.front());
    }
    co_return commands;
}

Task<Commands> RedisCommandStream::take_over(std::vector<PendingEntry> entries) {
    std::string claim;
    append_claim(claim, names_, entries, names_.abandoned_after);
    const std::vector<Value> replies = co_await master_.exchange(claim, 1);
    co_return claimed_from(replies.front(), entries);
}

Task<Commands> RedisCommandStream::take_fresh(std::size_t limit, milliseconds patience) {
    std::string read;
    append_read(read, names_, limit, patience);
    const std::vector<Value> replies = co_await master_.exchange(read, 1, patience);
    co_return fresh_from(replies.front());
}

void RedisCommandStream::drop(const Error& error) {
    master_.close();
    if (!stopping_) report(false, error.code());
}

void RedisCommandStream::report(bool connected, const std::string& reason) {
    if (reported_ == connected) return;
    reported_ = connected;
    if (on_state_) on_state_(connected, reason);
}

}  // namespace

std::unique_ptr<CommandStream> make_command_stream(boost::asio::any_io_executor loop,
                                                   RedisSettings settings,
                                                   CommandStreamNames names,
                                                   StateListener on_state) {
    return std::make_unique<RedisCommandStream>(
        std::move(loop), std::move(settings), std::move(names), std::move(on_state));
}

std::string consumer_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0 || name.front() == '\0') return "signwatch";
    return name.data();
}

}  // namespace signwatch::redis
