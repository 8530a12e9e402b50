#include "daemon/cli/redis_settings.hpp"

namespace signwatch::cli {

redis::RedisSettings redis_settings(const config::RedisSettings& from) {
    redis::RedisSettings settings;
    settings.host = from.address.host;
    settings.port = from.address.port;
    settings.unix_socket = from.address.unix_path;
    settings.tls = from.tls;
    settings.ca_file = from.ca_file;
    settings.certificate_file = from.certificate_file;
    settings.key_file = from.key_file;
    settings.server_name = from.server_name;
    settings.username = from.username;
    settings.password_file = from.password_file;
    settings.database = from.database;
    settings.stream = from.stream;
    return settings;
}

}  // namespace signwatch::cli
