#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "core/domain/error.hpp"
#include "core/events/redis/connection.hpp"
#include "core/events/redis/redirection.hpp"
#include "core/events/redis/redis_settings.hpp"

namespace signwatch::redis {

/// Commands to send in one write, and how many replies they have.
struct Question {
    std::string commands;
    std::size_t replies = 0;
};

/// The connection to the server that takes writes. Of one address that is whoever listens there. Where the master may
/// change it is looked for: at each address in turn, or where the Sentinels say; and it must say itself that it is a
/// master (ROLE, redis.io/docs/reference/sentinel-clients). In a Redis Cluster `ask` goes where the nodes lead, and
/// everything is about keys in one slot. Any error closes it. One operation at a time; event-loop thread.
class Master {
public:
    /// `settings` must outlive it.
    Master(boost::asio::any_io_executor loop, const RedisSettings& settings);

    /// Throws Error of the connection, or transient redis_no_master (they are all replicas) or permanent redis_sentinel
    /// (no Sentinel knows that name).
    Task<void> open();
    bool is_open() const { return connection_.is_open(); }
    /// The next search does not begin where the last one ended.
    void close() noexcept;
    /// Makes the operation under way fail; from another coroutine.
    void interrupt() noexcept;

    /// Gives the replies to what changes nothing, and opens if need be: also when the connection lay idle and was
    /// closed, or leads to a server that is a replica by now. `question` must live until then.
    Task<std::vector<Value>> ask(const Question& question);
    /// As Connection::exchange, over the connection that is open. Throws also Error(transient, "redis_moved"): `ask`
    /// will find where the keys are.
    Task<std::vector<Value>> exchange(std::string_view commands,
                                      std::size_t count,
                                      std::chrono::milliseconds blocking = {});

private:
    Task<std::vector<Value>> ask_open_connection(const Question& question);
    Task<std::vector<Value>> ask_master(const Question& question);
    Task<std::vector<Value>> ask_cluster(const Question& question);
    Task<void> follow(Redirection redirection);
    Task<std::vector<Value>> send(std::string_view commands, std::size_t count, std::chrono::milliseconds blocking);
    Task<void> look_round();
    Task<void> ask_sentinels();
    Task<std::optional<Address>> ask_sentinel(Address sentinel);
    Task<bool> try_server(Address address);
    void note(const Error& failure);

    const RedisSettings& settings_;
    Connection connection_;
    Connection sentinel_;
    std::size_t found_at_ = 0;      ///< which address, or Sentinel, led to the master last
    std::optional<Error> failure_;  ///< of this search
    std::optional<Address> where_;  ///< the node of a cluster that the connection leads to
    bool importing_ = false;        ///< it only just receives our slot
    bool interrupted_ = false;
};

}  // namespace signwatch::redis
