#include "core/config/redis_settings.hpp"

#include <algorithm>

#include "core/config/file_contents.hpp"
#include "core/domain/stream_layout.hpp"

namespace signwatch::config {
namespace {

constexpr const char* address_forms = R"(write "host:port", "[ipv6]:port" or "unix:/absolute/path")";
constexpr std::size_t most_addresses = 16;

std::vector<Endpoint> read_list(Section& section, const std::string& key) {
    std::vector<Endpoint> endpoints;
    const std::vector<std::string> texts = section.texts(key, {});
    for (const std::string& text : texts) {
        if (const auto endpoint = parse_endpoint(text))
            endpoints.push_back(*endpoint);
        else
            section.report(key, "`" + key + "` holds something that is no address", address_forms);
    }
    if (section.has(key) && (texts.empty() || texts.size() > most_addresses)) {
        section.report(key,
                       "`" + key + "` holds " + std::to_string(texts.size()) + " addresses",
                       "give 1 to " + std::to_string(most_addresses) + ", such as [\"redis-1.example.org:6379\"]");
    }
    return endpoints;
}

// One of the three says where the master is.
void read_addresses(Section& section, RedisSettings& redis) {
    const std::string text = section.text("address", redis.addresses.front().text());
    std::vector<Endpoint> addresses = read_list(section, "addresses");
    redis.sentinels = read_list(section, "sentinels");
    std::string first;
    for (const std::string key : {"address", "addresses", "sentinels"}) {
        if (!section.has(key)) continue;
        if (!first.empty())
            section.report(key, "`" + first + "` and `" + key + "` both say where Redis is", "keep one of the two");
        first = first.empty() ? key : first;
    }
    if (const auto endpoint = parse_endpoint(text))
        redis.addresses = {*endpoint};
    else
        section.report("address", "`address` is not an address", address_forms);
    if (!addresses.empty()) redis.addresses = std::move(addresses);
}

RedisAccess read_access(Section& section, const std::string& prefix) {
    RedisAccess access;
    access.tls = section.boolean(prefix + "tls", access.tls);
    access.server_name = section.text(prefix + "server_name", "");
    access.ca_file = section.file(prefix + "ca", false);
    access.certificate_file = section.file(prefix + "certificate", false);
    access.key_file = section.file(prefix + "key", true);
    access.username = section.text(prefix + "username", "");
    access.password_file = section.file(prefix + "password", true);
    return access;
}

void check_tls(Section& section,
               const std::string& prefix,
               const RedisAccess& access,
               const std::vector<Endpoint>& endpoints) {
    if (access.tls && std::ranges::any_of(endpoints, &Endpoint::is_unix)) {
        section.report(prefix + "tls",
                       "`" + prefix + "tls` cannot be used over a Unix socket",
                       "remove " + prefix + "tls, or give a TCP address");
    }
    if (access.certificate_file.empty() != access.key_file.empty()) {
        section.report(prefix + (access.key_file.empty() ? "certificate_file" : "key_file"),
                       "a client certificate and its key belong together",
                       "give both " + prefix + "certificate_file and " + prefix + "key_file");
    }
    if (access.tls) return;
    for (const std::string key : {"server_name",
                                  "ca_file",
                                  "ca_credential",
                                  "certificate_file",
                                  "certificate_credential",
                                  "key_file",
                                  "key_credential"}) {
        const std::string name = prefix + key;
        if (section.has(name))
            section.report(name, "`" + name + "` has no effect without TLS", "add " + prefix + "tls = true");
    }
}

void check_access(Section& section,
                  const std::string& prefix,
                  const RedisAccess& access,
                  const std::vector<Endpoint>& endpoints) {
    check_tls(section, prefix, access, endpoints);
    check_tls_contents(section, {access.certificate_file, access.key_file, access.ca_file, "ca", prefix});
    const std::string password = prefix + "password";
    if (!access.username.empty() && !section.has(password + "_file") && !section.has(password + "_credential")) {
        section.report(prefix + "username",
                       "`" + prefix + "username` needs a password",
                       "add " + password + "_file or " + password + "_credential");
    }
}

void check_name(Section& section, const std::string& key, const std::string& name) {
    const bool plain = std::none_of(name.begin(), name.end(), [](unsigned char c) { return c <= 0x20; });
    if (name.empty() || name.size() > 256 || !plain) {
        section.report(key, "`" + key + "` is not a usable name", "1 to 256 characters without spaces");
    }
}

void check_sentinels(Section& section, const RedisSettings& redis) {
    if (section.has("sentinels")) {
        check_access(section, "sentinel_", redis.sentinel_access, redis.sentinels);
        if (section.has("sentinel_master"))
            check_name(section, "sentinel_master", redis.sentinel_master);
        else
            section.report("sentinels",
                           "`sentinels` needs the name of the master",
                           "add sentinel_master = \"...\", as in `sentinel monitor`");
        return;
    }
    for (const std::string key : {"master",
                                  "username",
                                  "password_file",
                                  "password_credential",
                                  "tls",
                                  "server_name",
                                  "ca_file",
                                  "ca_credential",
                                  "certificate_file",
                                  "certificate_credential",
                                  "key_file",
                                  "key_credential"}) {
        const std::string name = "sentinel_" + key;
        if (section.has(name))
            section.report(name, "`" + name + "` has no effect", "add sentinels = [\"host:port\"], or remove it");
    }
}

// What stands in the first braces decides where a stream is in a Redis Cluster: that is the partition.
void check_partitions(Section& section, const RedisSettings& redis) {
    if (redis.partitions > 1 && redis.stream.find('{') != std::string::npos) {
        section.report("stream",
                       "`stream` holds a brace, which would keep all partitions in one place",
                       "remove the brace, or partitions");
    }
}

// A transaction is about one place: what stands in braces decides where a stream is.
void check_cluster(Section& section, const RedisSettings& redis) {
    if (!redis.cluster) return;
    if (section.has("sentinels"))
        section.report(
            "sentinels", "a Redis Cluster has no Sentinels", "remove cluster, or give addresses of its nodes");
    if (std::ranges::any_of(redis.addresses, &Endpoint::is_unix))
        section.report("cluster", "the nodes of a Redis Cluster lead on over TCP", "give TCP addresses");
    if (redis.database != 0) section.report("database", "a Redis Cluster has only database 0", "remove database");
    const std::size_t brace = redis.commands.find('{');
    const std::size_t end = redis.commands.find('}', brace == std::string::npos ? brace : brace + 1);
    if (!redis.commands.empty() && (end == std::string::npos || end == brace + 1)) {
        section.report("commands",
                       "`commands` and their answers would be at several nodes of the Redis Cluster",
                       "put a part of the name in braces, such as \"{signwatch}:commands\"");
    }
}

// Results and dead letters go to streams beside that of the commands.
void check_commands(Section& section, const RedisSettings& redis) {
    if (redis.commands.empty()) return;
    check_name(section, "commands", redis.commands);
    for (const char* const part : {"", ":results", ":dead"}) {
        const bool partition = redis.partitions > 1 && redis.commands.starts_with(redis.stream + ":{");
        if (redis.stream == redis.commands + part || partition) {
            section.report("commands",
                           "`commands` and `stream` would share the stream `" + redis.stream + "`",
                           "give the commands a stream of their own, such as \"signwatch:commands\"");
        }
    }
}

}  // namespace

std::string RedisSettings::whereabouts() const {
    std::string text;
    for (const Endpoint& each : sentinels.empty() ? addresses : sentinels)
        text += (text.empty() ? "" : ", ") + each.text();
    if (!sentinels.empty()) text = "\"" + sentinel_master + "\" of the Sentinels " + text;
    if (cluster) text = "a cluster with " + text;
    return text + (access.tls ? " (TLS)" : "");
}

RedisSettings read_redis(Section& section) {
    RedisSettings redis;
    read_addresses(section, redis);
    redis.access = read_access(section, "");
    redis.sentinel_master = section.text("sentinel_master", "");
    redis.sentinel_access = read_access(section, "sentinel_");
    redis.cluster = section.boolean("cluster", redis.cluster);
    redis.database = static_cast<int>(section.integer("database", redis.database, 0, 1'000));
    redis.stream = section.text("stream", redis.stream);
    redis.partitions = static_cast<int>(section.integer("partitions", redis.partitions, 1, most_partitions));
    redis.commands = section.text("commands", "");
    check_access(section, "", redis.access, redis.sentinels.empty() ? redis.addresses : std::vector<Endpoint>{});
    check_sentinels(section, redis);
    check_name(section, "stream", redis.stream);
    check_partitions(section, redis);
    check_cluster(section, redis);
    check_commands(section, redis);
    section.finish();
    return redis;
}

}  // namespace signwatch::config
