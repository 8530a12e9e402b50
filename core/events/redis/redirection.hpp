#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/events/redis/redis_settings.hpp"
#include "core/events/redis/resp.hpp"

/// How a Redis Cluster says where a key is (redis.io/docs/reference/cluster-spec, "MOVED redirection", "ASK
/// redirection").
namespace signwatch::redis {

struct Redirection {
    Address to;
    bool once = false;  ///< ASK: the key is on its way there, and each command must be preceded by ASKING
};

/// Where the first reply that is a redirection leads, seen from the server at `from`. Throws Error(transient,
/// "redis_protocol") if it leads nowhere.
std::optional<Redirection> redirection_in(const std::vector<Value>& replies, const Address& from);

/// Commands that a server takes which only just receives the key: with ASKING before each, but not within MULTI.
class AskingCommands {
public:
    explicit AskingCommands(std::string_view commands);

    const std::string& text() const { return text_; }
    /// How many replies there are to `count` commands.
    std::size_t replies(std::size_t count) const { return count + asked_.size(); }
    /// Leaves those of the commands.
    std::vector<Value> without_asking(std::vector<Value> replies) const;

private:
    std::string text_;
    std::vector<std::size_t> asked_;  ///< which replies are to ASKING
};

}  // namespace signwatch::redis
