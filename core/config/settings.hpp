#pragma once

#include "core/config/configuration.hpp"

namespace signwatch::config {

StoreSettings read_store(Section& section);
RedisSettings read_redis(Section& section);
ListenSettings read_listen(Section& section);
LogSettings read_log(Section& section);
PipelineSettings read_pipeline(Section& section);

}  // namespace signwatch::config
