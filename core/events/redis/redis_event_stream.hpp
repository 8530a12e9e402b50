#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "core/ports/event_stream.hpp"

namespace signwatch::redis {

/// Where the stream is. Files are read again at each connect, so that passwords and certificates can be renewed while
/// we run.
struct RedisSettings {
    std::string host = "127.0.0.1";
    int port = 6379;
    std::string unix_socket;  ///< a path; if set, host, port and TLS do not count

    bool tls = false;              ///< the server's certificate and name are always checked
    std::string ca_file;           ///< PEM; empty: the system's authorities
    std::string certificate_file;  ///< PEM chain of our own; empty: none
    std::string key_file;          ///< PEM
    std::string server_name;       ///< the name in the server's certificate; empty: `host`

    std::string username;  ///< empty: the user "default"
    std::string password_file;
    int database = 0;
    std::string stream = "signwatch:events";

    std::chrono::milliseconds connect_timeout = std::chrono::seconds{5};  ///< name, socket and TLS
    std::chrono::milliseconds reply_timeout = std::chrono::seconds{5};    ///< from sending to the last reply
};

/// Told at each change, and after the first attempt; `reason` is an error code ("redis_timeout"), empty if connected.
using StateListener = std::function<void(bool connected, const std::string& reason)>;

/// The event stream as one Redis stream (Redis 6.2 or later, not Redis Cluster), over one connection that is made when
/// it is needed and dropped after any error; who calls decides when to try again. It never trims the stream.
///
/// Each entry has the fields `ce` (the CloudEvents JSON), `id`, `type`, `key` (partition key) and `seq` (20 digits).
/// WATCH and XINFO come before MULTI, XADD, EXEC, so that a lost tail (FLUSHALL, failover) is seen before anything
/// newer hides it. The smallest ACL: `~signwatch:events +watch +unwatch +multi +exec +xinfo|stream +xrange +xadd`, and
/// `+select` for another database than 0; `+client|setname` gives the connection a name, and is not required.
///
/// Errors: transient redis_connect, redis_io, redis_timeout, redis_protocol, redis_oom, redis_readonly, redis_loading
/// ...; unauthorized redis_auth, redis_permission, redis_tls; permanent redis_cluster, redis_wrongtype, redis_error,
/// stream_order (ids in the batch not ascending); transient stream_contended (somebody else writes all the time).
/// Event-loop thread; concurrent calls take turns; must outlive its calls.
std::unique_ptr<EventStream> make_event_stream(boost::asio::any_io_executor loop,
                                               RedisSettings settings,
                                               StateListener on_state = {});

}  // namespace signwatch::redis
