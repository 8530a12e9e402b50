#include "core/events/redis/master.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/events/redis/redirection.hpp"
#include "core/events/redis/reply_error.hpp"

namespace signwatch::redis {
namespace {

constexpr int most_hops = 5;
constexpr std::string_view ask_role = "*1\r\n$4\r\nROLE\r\n";

// The reply to ROLE begins with a word: master, slave, sentinel.
void require_master(const Value& role) {
    if (role.is_error()) throw error_of(role.text);
    if (!role.elements.empty() && role.elements.front().text == "master") return;
    throw Error(ErrorKind::transient, "redis_no_master", "of the Redis servers that answer none is a master");
}

Error moved(const std::string& what) {
    return {ErrorKind::transient, "redis_moved", what};
}

Address named_address(const Value& reply, const std::string& name) {
    if (reply.is_error()) throw error_of(reply.text);
    if (reply.kind == Value::Kind::nil)
        throw Error(ErrorKind::permanent, "redis_sentinel", "no Sentinel knows a master by the name \"" + name + "\"");
    Address address;
    constexpr std::size_t longest_name = 253;
    if (reply.elements.size() == 2) {
        const std::string& port = reply.elements.back().text;
        address.host = reply.elements.front().text;
        const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
        const bool whole = error == std::errc{} && rest == port.data() + port.size();
        const bool possible = whole && address.port > 0 && address.port <= 65'535;
        if (possible && !address.host.empty() && address.host.size() <= longest_name) return address;
    }
    throw Error(ErrorKind::transient, "redis_protocol", "a Sentinel gives a strange address of the master");
}

}  // namespace

Master::Master(boost::asio::any_io_executor loop, const RedisSettings& settings)
    : settings_(settings),
      connection_(loop, settings_.access),
      sentinel_(std::move(loop), settings_.sentinels.access) {}

void Master::close() noexcept {
    connection_.close();
    if (settings_.cluster) found_at_ = (found_at_ + 1) % settings_.addresses.size();
}

void Master::interrupt() noexcept {
    interrupted_ = true;
    sentinel_.interrupt();
    connection_.interrupt();
}

Task<void> Master::open() {
    connection_.close();
    interrupted_ = false;
    failure_.reset();
    importing_ = false;
    if (!settings_.fails_over() && !settings_.cluster) {
        co_await connection_.open(settings_.addresses.front(), settings_.database);
    } else {
        if (settings_.sentinels.addresses.empty())
            co_await look_round();
        else
            co_await ask_sentinels();
        if (!connection_.is_open()) throw *failure_;
    }
}

Task<void> Master::look_round() {
    const std::size_t count = settings_.addresses.size();
    const std::size_t first = found_at_;
    bool found = false;
    for (std::size_t i = 0; i < count && !found; ++i) {
        found_at_ = (first + i) % count;
        const Address& address = settings_.addresses[found_at_];
        found = co_await try_server(address);
        if (found) where_ = address;
    }
}

// They may disagree for a while after a failover.
Task<void> Master::ask_sentinels() {
    const std::vector<Address>& sentinels = settings_.sentinels.addresses;
    const std::size_t first = found_at_;
    std::vector<Address> tried;
    bool found = false;
    for (std::size_t i = 0; i < sentinels.size() && !found; ++i) {
        found_at_ = (first + i) % sentinels.size();
        const Address& sentinel = sentinels[found_at_];
        const std::optional<Address> named = co_await ask_sentinel(sentinel);
        if (!named || std::ranges::count(tried, *named) > 0) continue;
        tried.push_back(*named);
        found = co_await try_server(*named);
    }
}

Task<std::optional<Address>> Master::ask_sentinel(Address sentinel) {
    std::optional<Address> named;
    try {
        std::string question;
        append_command(question, {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", settings_.sentinels.master});
        co_await sentinel_.open(std::move(sentinel));
        const std::vector<Value> replies = co_await sentinel_.exchange(question, 1);
        named = named_address(replies.front(), settings_.sentinels.master);
    } catch (const Error& error) {
        if (interrupted_) throw;
        note(error);
    }
    sentinel_.close();
    co_return named;
}

/// Leaves the connection open if the server is a master.
Task<bool> Master::try_server(Address address) {
    try {
        co_await connection_.open(std::move(address), settings_.database);
        if (settings_.fails_over()) {
            const std::vector<Value> replies = co_await connection_.exchange(ask_role, 1);
            require_master(replies.front());
        }
    } catch (const Error& error) {
        connection_.close();
        if (interrupted_) throw;
        note(error);
    }
    co_return connection_.is_open();
}

// What people must mend, and a replica that answers, say more than a server that is away.
void Master::note(const Error& failure) {
    const bool weak = failure_ && failure_->kind() == ErrorKind::transient && failure_->code() != "redis_no_master";
    if (!failure_ || weak) failure_ = failure;
}

Task<std::vector<Value>> Master::ask(const Question& question) {
    std::vector<Value> replies;
    if (connection_.is_open()) replies = co_await ask_open_connection(question);
    if (replies.empty()) {
        co_await open();
        replies = co_await ask_master(question);
    }
    co_return replies;
}

// Nothing is wrong if it was closed or the master has changed, and asking again does no harm.
Task<std::vector<Value>> Master::ask_open_connection(const Question& question) {
    std::vector<Value> replies;
    try {
        replies = co_await ask_master(question);
    } catch (const Error& error) {
        if (error.code() != "redis_io" && error.code() != "redis_no_master") throw;
    }
    co_return replies;
}

Task<std::vector<Value>> Master::ask_master(const Question& question) {
    if (settings_.cluster) co_return co_await ask_cluster(question);
    if (!settings_.fails_over()) co_return co_await connection_.exchange(question.commands, question.replies);
    const std::string commands = std::string(ask_role) + question.commands;
    std::vector<Value> replies = co_await connection_.exchange(commands, question.replies + 1);
    require_master(replies.front());
    replies.erase(replies.begin());
    co_return replies;
}

Task<std::vector<Value>> Master::ask_cluster(const Question& question) {
    const std::chrono::milliseconds at_once{};
    for (int hops = 0; hops < most_hops; ++hops) {
        std::vector<Value> replies = co_await send(question.commands, question.replies, at_once);
        const std::optional<Redirection> elsewhere = redirection_in(replies, *where_);
        if (!elsewhere) co_return replies;
        co_await follow(*elsewhere);
    }
    throw moved("the nodes of the Redis Cluster lead in circles");
}

Task<void> Master::follow(Redirection redirection) {
    co_await connection_.open(redirection.to, settings_.database);
    where_ = std::move(redirection.to);
    importing_ = redirection.once;
}

Task<std::vector<Value>> Master::exchange(std::string_view commands,
                                          std::size_t count,
                                          std::chrono::milliseconds blocking) {
    std::vector<Value> replies = co_await send(commands, count, blocking);
    if (settings_.cluster && redirection_in(replies, *where_)) throw moved("the stream moves to another node");
    co_return replies;
}

Task<std::vector<Value>> Master::send(std::string_view commands,
                                      std::size_t count,
                                      std::chrono::milliseconds blocking) {
    if (!importing_) co_return co_await connection_.exchange(commands, count, blocking);
    const AskingCommands asking(commands);
    std::vector<Value> replies = co_await connection_.exchange(asking.text(), asking.replies(count), blocking);
    co_return asking.without_asking(std::move(replies));
}

}  // namespace signwatch::redis
