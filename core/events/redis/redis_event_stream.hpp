#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "core/events/redis/redis_settings.hpp"
#include "core/ports/event_stream.hpp"

namespace signwatch::redis {

/// The event stream as one Redis stream (Redis 6.2 or later), over one connection to the master that
/// is made when it is needed and dropped after any error; who calls decides when to try again. It never trims the
/// stream.
///
/// Each entry has the fields `ce` (the CloudEvents JSON), `id`, `type`, `key` (partition key) and `seq` (20 digits).
/// WATCH and XINFO come before MULTI, XADD, EXEC, so that a lost tail (FLUSHALL, failover) is seen before anything
/// newer hides it. The smallest ACL: `~signwatch:events +watch +unwatch +multi +exec +xinfo|stream +xrange +xadd`, and
/// `+select` for another database than 0, `+role` where the
/// master may change; `+client|setname` gives the connection a name, and is not required.
///
/// Errors: transient redis_connect, redis_io, redis_timeout, redis_protocol, redis_oom, redis_readonly, redis_loading,
/// redis_no_master ...; unauthorized redis_auth, redis_permission, redis_tls; permanent redis_cluster, redis_wrongtype,
/// redis_error, stream_order (ids in the batch not ascending); transient stream_contended (somebody else writes all the
/// time). Event-loop thread; concurrent calls take turns; must outlive its calls.
std::unique_ptr<EventStream> make_event_stream(boost::asio::any_io_executor loop,
                                               RedisSettings settings,
                                               StateListener on_state = {});

/// Told of each partition as a StateListener is.
using PartitionListener = std::function<void(Partition partition, bool connected, const std::string& reason)>;

/// The streams that are named after `settings.stream` (stream_name), each over a connection of its own. The ACL needs
/// the pattern `~signwatch:events:*` as well.
std::unique_ptr<EventStreams> make_event_streams(boost::asio::any_io_executor loop,
                                                 RedisSettings settings,
                                                 PartitionListener on_state = {});

}  // namespace signwatch::redis
