#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "core/events/redis/redis_event_stream.hpp"
#include "core/ports/command_stream.hpp"

namespace signwatch::redis {

/// What stands for whom in Redis.
struct CommandStreamNames {
    std::string key = "signwatch:commands";
    std::string group = "signwatch";
    std::string consumer = "signwatch";  ///< one name, one daemon: what it left unfinished it gets again at its start
    std::chrono::milliseconds abandoned_after = std::chrono::minutes{1};  ///< then others take it over

    std::string results() const { return key + ":results"; }
    std::string dead() const { return key + ":dead"; }
};

/// Commands from one Redis stream through a consumer group (Redis 6.2 or later; in a cluster the key needs a hash tag),
/// over a connection of its own, because its reads block. `settings.stream` does not count. The group is made when it
/// is missing, with everything that stands in the stream: after FLUSHALL or a failover that lost it, commands come
/// again.
///
/// Field `ce` of an entry is the command. Answers: `<key>:results` gets `ce` and `id`, about 100 000 are kept;
/// `<key>:dead` gets `ce` (the first 64 KiB), `reason` and `entry`, about 10 000 are kept. Commands themselves are
/// never trimmed. The smallest ACL: `~signwatch:commands ~signwatch:commands:results ~signwatch:commands:dead +multi
/// +exec +xgroup|create +xreadgroup +xpending +xclaim +xack +xadd +xlen`, `+select` and `+client|setname` as for
/// events.
///
/// A reply of over 16 MiB is refused. Then entries are taken one by one, and one that was never read eight times is
/// given without its text. Errors are those of the event stream, and transient redis_nogroup. Event-loop thread; one
/// call at a time, but stop() at any time; must outlive its calls.
std::unique_ptr<CommandStream> make_command_stream(boost::asio::any_io_executor loop,
                                                   RedisSettings settings,
                                                   CommandStreamNames names,
                                                   StateListener on_state = {});

/// The name of this machine, fit for a consumer.
std::string consumer_name();

}  // namespace signwatch::redis
