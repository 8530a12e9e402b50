#include "core/config/settings.hpp"

#include <algorithm>

#include "core/config/file_contents.hpp"

namespace signwatch::config {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

Endpoint read_endpoint(Section& section, std::string_view key, const Endpoint& fallback) {
    const auto text = section.text(key, fallback.text());
    if (auto endpoint = parse_endpoint(text)) return *endpoint;
    section.report(key,
                   "`" + std::string(key) + "` is not an address",
                   "write \"host:port\", \"[ipv6]:port\" or \"unix:/absolute/path\"");
    return fallback;
}

void check_stream_name(Section& section, const std::string& key, const std::string& stream) {
    const bool plain = std::none_of(stream.begin(), stream.end(), [](unsigned char c) { return c <= 0x20; });
    if (stream.empty() || stream.size() > 256 || !plain) {
        section.report(key, "`" + key + "` is not a usable name", "1 to 256 characters without spaces");
    }
}

// Results and dead letters go to streams beside that of the commands.
void check_commands(Section& section, const RedisSettings& redis) {
    if (redis.commands.empty()) return;
    check_stream_name(section, "commands", redis.commands);
    for (const char* const part : {"", ":results", ":dead"}) {
        if (redis.stream == redis.commands + part) {
            section.report("commands",
                           "`commands` and `stream` would share the stream `" + redis.stream + "`",
                           "give the commands a stream of their own, such as \"signwatch:commands\"");
        }
    }
}

/// Whether a `*_file` key or its `*_credential` is given.
bool names_file(const Section& section, const std::string& key) {
    return section.has(key + "_file") || section.has(key + "_credential");
}

/// The one of the two that is given, for a message to stand at.
std::string file_key(const Section& section, const std::string& key) {
    return key + (section.has(key + "_credential") ? "_credential" : "_file");
}

void check_redis_tls(Section& section, const RedisSettings& redis) {
    if (redis.tls && redis.address.is_unix()) {
        section.report("tls", "`tls` cannot be used over a Unix socket", "remove tls, or give a TCP address");
    }
    if (redis.certificate_file.empty() != redis.key_file.empty()) {
        section.report(redis.key_file.empty() ? "certificate_file" : "key_file",
                       "a client certificate and its key belong together",
                       "give both certificate_file and key_file");
    }
    if (redis.tls) return;
    for (const std::string key : {"ca", "certificate", "key"}) {
        for (const auto& name : {key + "_file", key + "_credential"}) {
            if (section.has(name)) section.report(name, "`" + name + "` has no effect without TLS", "add tls = true");
        }
    }
    if (section.has("server_name")) {
        section.report("server_name", "`server_name` has no effect without TLS", "add tls = true");
    }
}

// Whoever reaches the listener may register and remove: so the system's file permissions, a certificate or a token say
// who that is, and a token never crosses a network in clear.
void check_admin_access(Section& section, const Endpoint& listen) {
    const bool tls = names_file(section, "certificate");
    const bool token = names_file(section, "token");
    const bool client_ca = names_file(section, "client_ca");
    if (tls != names_file(section, "key")) {
        section.report(file_key(section, tls ? "certificate" : "key"),
                       "a certificate and its key belong together",
                       "give both certificate_file and key_file");
    } else if (client_ca && !tls) {
        section.report(file_key(section, "client_ca"),
                       "client certificates need TLS",
                       "give certificate_file and key_file of the listener, too");
    } else if (listen.is_unix() && tls) {
        section.report(file_key(section, "certificate"),
                       "a Unix socket has no TLS",
                       "remove certificate, key and client_ca, or give a TCP address");
    } else if (!listen.is_unix() && !token && !client_ca) {
        section.report("listen",
                       "everybody who reaches `listen` could register and remove processes",
                       "use unix:/path, or add token_file, or client_ca_file with certificate_file and key_file");
    } else if (!listen.is_local() && !tls) {
        section.report("listen",
                       "the token would cross the network in clear",
                       "add certificate_file and key_file, or listen on 127.0.0.1 or unix:/path");
    }
}

}  // namespace

StoreSettings read_store(Section& section) {
    StoreSettings store;
    store.directory = section.text("directory", store.directory);
    if (!store.directory.starts_with('/')) {
        section.report("directory", "`directory` must be an absolute path", "such as \"/var/lib/signwatch\"");
    }
    store.in_postgres = section.choice("backend", {"sqlite", "postgres"}, "sqlite") == "postgres";
    while (store.directory.size() > 1 && store.directory.back() == '/')
        store.directory.pop_back();
    section.finish();
    return store;
}

RedisSettings read_redis(Section& section) {
    RedisSettings redis;
    redis.address = read_endpoint(section, "address", redis.address);
    redis.tls = section.boolean("tls", redis.tls);
    redis.server_name = section.text("server_name", "");
    redis.ca_file = section.file("ca", false);
    redis.certificate_file = section.file("certificate", false);
    redis.key_file = section.file("key", true);
    redis.username = section.text("username", "");
    redis.password_file = section.file("password", true);
    redis.database = static_cast<int>(section.integer("database", redis.database, 0, 1'000));
    redis.stream = section.text("stream", redis.stream);
    redis.commands = section.text("commands", "");
    check_redis_tls(section, redis);
    check_tls_contents(section, {redis.certificate_file, redis.key_file, redis.ca_file});
    check_stream_name(section, "stream", redis.stream);
    check_commands(section, redis);
    if (!redis.username.empty() && !section.has("password_file") && !section.has("password_credential")) {
        section.report("username", "`username` needs a password", "add password_file or password_credential");
    }
    section.finish();
    return redis;
}

ListenSettings read_listen(Section& section) {
    ListenSettings listen;
    listen.internal = read_endpoint(section, "internal", listen.internal);
    listen.allow_remote = section.boolean("allow_remote", listen.allow_remote);
    if (!listen.internal.is_local() && !listen.allow_remote) {
        section.report("internal",
                       "`internal` is reachable from other machines, without a password",
                       "use 127.0.0.1 or unix:/path, or say allow_remote = true if a firewall protects it");
    }
    section.finish();
    return listen;
}

AdminSettings read_admin(Section& section) {
    AdminSettings admin;
    const std::string listen = section.text("listen", "");
    admin.off = section.has("listen") && (listen.empty() || listen == "off");
    admin.token_file = section.file("token", true);
    admin.certificate_file = section.file("certificate", false);
    admin.key_file = section.file("key", true);
    admin.client_ca_file = section.file("client_ca", false);
    const Endpoint socket{"", 0, "/"};  // stands for the default, which the store's directory decides
    const bool given = section.has("listen") && !admin.off;
    const Endpoint where = given ? read_endpoint(section, "listen", socket) : socket;
    if (where != socket) admin.listen = where;
    const bool readable = !given || where != socket;
    if (!admin.off && readable) check_admin_access(section, where);
    check_tls_contents(section, {admin.certificate_file, admin.key_file, admin.client_ca_file, "client_ca"});
    check_text_content(
        section, "token", admin.token_file, is_admin_token, "one token of 20 to 1000 visible characters");
    section.finish();
    return admin;
}

LogSettings read_log(Section& section) {
    LogSettings log;
    log.level = section.choice("level", {"trace", "debug", "info", "warn", "error"}, log.level);
    log.format = section.choice("format", {"json", "text"}, log.format);
    section.finish();
    return log;
}

// How long something is kept; off, as 0: for good.
milliseconds duration_or_off(Section& section, const char* key, milliseconds standard) {
    const bool off = section.has(key) && section.text(key, "") == "off";
    return off ? milliseconds{0} : section.duration(key, standard, hours{24}, hours{24 * 36'500});
}

PipelineSettings read_pipeline(Section& section) {
    PipelineSettings pipeline;
    pipeline.document_workers = static_cast<int>(section.integer("document_workers", pipeline.document_workers, 1, 64));
    pipeline.verifier_workers = static_cast<int>(section.integer("verifier_workers", pipeline.verifier_workers, 1, 64));
    pipeline.shutdown_grace = section.duration("shutdown_grace", pipeline.shutdown_grace, seconds{1}, seconds{300});
    pipeline.retention = section.duration("retention", pipeline.retention, hours{1}, hours{24 * 3'650});
    pipeline.notification_retention =
        section.duration("notification_retention", pipeline.notification_retention, hours{24}, hours{24 * 3'650});
    pipeline.process_retention = duration_or_off(section, "process_retention", pipeline.process_retention);
    pipeline.document_retention = duration_or_off(section, "document_retention", pipeline.document_retention);
    section.finish();
    return pipeline;
}

ReconcileSettings read_reconcile(Section& section) {
    ReconcileSettings reconcile;
    const bool off = section.has("interval") && section.text("interval", "") == "off";
    if (off)
        reconcile.interval = milliseconds{0};
    else
        reconcile.interval = section.duration("interval", reconcile.interval, seconds{1}, hours{24 * 31});
    reconcile.repair = section.boolean("repair", reconcile.repair);
    // Never less than twice what a document's time may lag behind its last use (put_at_slack).
    reconcile.orphan_grace = section.duration("orphan_grace", reconcile.orphan_grace, hours{2}, hours{24 * 365});
    reconcile.read_documents = section.boolean("read_documents", reconcile.read_documents);
    reconcile.bytes_per_second = section.size("read_per_second", reconcile.bytes_per_second, 64ULL << 10, 10ULL << 30);
    section.finish();
    return reconcile;
}

}  // namespace signwatch::config
