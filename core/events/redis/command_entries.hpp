#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/events/redis/redis_command_stream.hpp"
#include "core/events/redis/resp.hpp"
#include "core/ports/command_stream.hpp"

/// Commands as entries of a Redis stream with a consumer group: what is asked, and the replies to it. All readers of
/// replies throw Error: what an error reply means, or redis_protocol.
namespace signwatch::redis {

/// An entry that was given to a consumer and not acknowledged.
struct PendingEntry {
    EntryId entry;
    std::string consumer;
    std::int64_t deliveries = 0;
};

/// Asks for the pending entries of our consumer, and for those of anybody that are old enough to be taken over.
void append_pending(std::string& commands, const CommandStreamNames& names, std::size_t limit);
std::vector<PendingEntry> pending_from(const Value& reply);

/// Takes these over, if nobody has touched them for `idle`.
void append_claim(std::string& commands,
                  const CommandStreamNames& names,
                  const std::vector<PendingEntry>& entries,
                  std::chrono::milliseconds idle);
/// From the reply to XCLAIM; entries that no longer exist are left out.
std::vector<Command> claimed_from(const Value& reply, const std::vector<PendingEntry>& asked);

void append_read(std::string& commands,
                 const CommandStreamNames& names,
                 std::size_t limit,
                 std::chrono::milliseconds patience);
/// From the reply to XREADGROUP.
std::vector<Command> fresh_from(const Value& reply);

void append_acknowledge(std::string& commands, const CommandStreamNames& names, const std::vector<EntryId>& entries);

/// MULTI ... EXEC; gives how many replies belong to it.
std::size_t append_answers(std::string& commands,
                           const CommandStreamNames& names,
                           const std::vector<CommandAnswer>& answers);

}  // namespace signwatch::redis
