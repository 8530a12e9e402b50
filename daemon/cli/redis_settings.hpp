#pragma once

#include "core/config/configuration.hpp"
#include "core/events/redis/redis_event_stream.hpp"

namespace signwatch::cli {

/// The connection as the configuration names it.
redis::RedisSettings redis_settings(const config::RedisSettings& from);

}  // namespace signwatch::cli
