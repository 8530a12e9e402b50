#include "daemon/cli/redis_settings.hpp"

namespace signwatch::cli {

namespace {

std::vector<redis::Address> addresses(const std::vector<config::Endpoint>& from) {
    std::vector<redis::Address> list;
    for (const config::Endpoint& each : from)
        list.push_back({each.host, each.port, each.unix_path});
    return list;
}

redis::Access access(const config::RedisAccess& from) {
    redis::Access access;
    access.tls = from.tls;
    access.ca_file = from.ca_file;
    access.certificate_file = from.certificate_file;
    access.key_file = from.key_file;
    access.server_name = from.server_name;
    access.username = from.username;
    access.password_file = from.password_file;
    return access;
}

}  // namespace

redis::RedisSettings redis_settings(const config::RedisSettings& from) {
    redis::RedisSettings settings;
    settings.addresses = addresses(from.addresses);
    settings.access = access(from.access);
    settings.sentinels = {addresses(from.sentinels), from.sentinel_master, access(from.sentinel_access)};
    settings.cluster = from.cluster;
    settings.database = from.database;
    settings.stream = from.stream;
    settings.partitions = from.partitions;
    return settings;
}

}  // namespace signwatch::cli
