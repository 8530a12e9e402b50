#include "core/events/redis/reply_error.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace signwatch::redis {
namespace {

struct Meaning {
    std::string_view word;
    ErrorKind kind;
    std::string_view code;
    std::string_view text;
};

constexpr std::array meanings{
    Meaning{"OOM", ErrorKind::transient, "redis_oom", "Redis has no memory left for new entries"},
    Meaning{"READONLY", ErrorKind::transient, "redis_readonly", "this Redis is a read-only replica"},
    Meaning{"LOADING", ErrorKind::transient, "redis_loading", "Redis is still loading its data"},
    Meaning{"MASTERDOWN", ErrorKind::transient, "redis_masterdown", "this Redis is a replica that has lost its master"},
    Meaning{"BUSY", ErrorKind::transient, "redis_busy", "Redis is busy with a script"},
    Meaning{"MISCONF", ErrorKind::transient, "redis_misconf", "Redis refuses writes since it cannot persist them"},
    Meaning{
        "NOREPLICAS", ErrorKind::transient, "redis_noreplicas", "Redis refuses writes since it has too few replicas"},
    Meaning{"CLUSTERDOWN", ErrorKind::transient, "redis_clusterdown", "the Redis Cluster is down"},
    Meaning{"TRYAGAIN", ErrorKind::transient, "redis_tryagain", "Redis asks to try again"},
    Meaning{"NOAUTH", ErrorKind::unauthorized, "redis_auth", "Redis asks for a password"},
    Meaning{"WRONGPASS", ErrorKind::unauthorized, "redis_auth", "Redis refuses the user name or password"},
    Meaning{"NOPERM", ErrorKind::unauthorized, "redis_permission", "the Redis user lacks a permission"},
    Meaning{"MOVED",
            ErrorKind::permanent,
            "redis_cluster",
            "this Redis belongs to a Redis Cluster, and the stream is at another node: say cluster = true in [redis]"},
    Meaning{"ASK",
            ErrorKind::permanent,
            "redis_cluster",
            "this Redis belongs to a Redis Cluster, and the stream is at another node: say cluster = true in [redis]"},
    // The second: while a read was blocked, its stream went away (Redis before 7.2).
    Meaning{"NOGROUP", ErrorKind::transient, "redis_nogroup", "the consumer group is gone"},
    Meaning{"UNBLOCKED", ErrorKind::transient, "redis_nogroup", "the consumer group is gone"},
    Meaning{"WRONGTYPE", ErrorKind::permanent, "redis_wrongtype", "the key of the stream holds something else"},
};

std::string quoted(std::string_view reply) {
    constexpr std::size_t longest = 120;
    std::string text(reply.substr(0, std::min(reply.find(", with args"), longest)));
    std::ranges::replace_if(
        text, [](char letter) { return letter < ' ' || letter > '~'; }, '?');
    return text;
}

}  // namespace

Error error_of(std::string_view reply) {
    constexpr std::string_view refused_exec = "EXECABORT Transaction discarded because of: ";
    if (reply.starts_with(refused_exec)) reply.remove_prefix(refused_exec.size());
    const std::string_view word = reply.substr(0, reply.find(' '));
    const auto* known = std::ranges::find(meanings, word, &Meaning::word);
    if (known != meanings.end()) {
        std::string text(known->text);
        if (word == "NOPERM") text += " (" + quoted(reply) + ")";
        return {known->kind, std::string(known->code), text};
    }
    if (reply.find("max number of clients") != std::string_view::npos)
        return {ErrorKind::transient, "redis_clients", "Redis has its highest number of clients already"};
    return {ErrorKind::permanent, "redis_error", "Redis refuses a command: " + quoted(reply)};
}

}  // namespace signwatch::redis
