#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/config/config_error.hpp"
#include "core/config/endpoint.hpp"
#include "core/config/inbound_settings.hpp"
#include "core/config/judge_account.hpp"
#include "core/config/named_file.hpp"
#include "core/config/postgres_settings.hpp"
#include "core/ports/provider_factory.hpp"

namespace signwatch::config {

/// [store]: everything durable lives in this directory, or the state in PostgreSQL.
struct StoreSettings {
    std::string directory = "/var/lib/signwatch";
    bool in_postgres = false;   ///< the state is there, and several daemons may share it
    PostgresSettings postgres;  ///< [postgres]

    std::string database() const { return directory + "/state.db"; }
    std::string documents() const { return directory + "/documents"; }
    Endpoint admin_socket() const { return {"", 0, directory + "/admin.sock"}; }
};

/// [documents]: where stored documents are. Files are read at the start; those of the credentials at a reload, too.
struct DocumentSettings {
    bool s3 = false;  ///< a bucket instead of StoreSettings::documents(); all that follows is about it
    std::string endpoint;
    std::string region = "us-east-1";
    std::string bucket;
    std::string prefix;  ///< empty, or ending with '/'
    bool virtual_hosted = false;
    std::string access_key_id_file;
    std::string secret_access_key_file;
    std::string session_token_file;
    std::string ca_file;              ///< empty: the system's authorities
    std::string encryption = "none";  ///< none, s3, kms
    std::string kms_key_id;
    std::uint64_t multipart_threshold = 16 << 20;
    std::uint64_t part_size = 8 << 20;
    bool read_back = false;
    std::chrono::milliseconds connect_timeout = std::chrono::seconds{5};
    std::chrono::milliseconds request_timeout = std::chrono::seconds{30};
    std::chrono::milliseconds transfer_timeout = std::chrono::minutes{10};
    int max_connections = 16;

    bool operator==(const DocumentSettings&) const = default;
};

/// [redis]: where events are published, and where commands come from. Files are read when a connection is made.
struct RedisSettings {
    Endpoint address{"127.0.0.1", 6379, ""};
    bool tls = false;
    std::string server_name;  ///< name in the server's certificate; empty: the host of the address
    std::string ca_file;      ///< empty: the system's authorities
    std::string certificate_file;
    std::string key_file;
    std::string username;
    std::string password_file;
    int database = 0;
    std::string stream = "signwatch:events";
    std::string commands;  ///< the stream of commands; empty: none are read
};

/// [listen]: our own HTTP listener for health and metrics.
struct ListenSettings {
    Endpoint internal{"127.0.0.1", 9464, ""};
    bool allow_remote = false;
};

/// [admin]: where processes are registered and asked for over HTTP. Files are read at the start and at a reload.
struct AdminSettings {
    bool off = false;
    Endpoint listen;  ///< StoreSettings::admin_socket() if nothing else is said
    std::string token_file;
    std::string certificate_file;
    std::string key_file;
    std::string client_ca_file;

    bool operator==(const AdminSettings&) const = default;
};

/// [log]
struct LogSettings {
    std::string level = "info";   ///< trace, debug, info, warn, error
    std::string format = "json";  ///< json, text
};

/// [pipeline]
struct PipelineSettings {
    int document_workers = 8;
    int verifier_workers = 2;
    std::chrono::milliseconds shutdown_grace = std::chrono::seconds{10};
    std::chrono::milliseconds retention = std::chrono::hours{30 * 24};
    std::chrono::milliseconds notification_retention = std::chrono::hours{14 * 24};
    std::chrono::milliseconds process_retention = std::chrono::hours{400 * 24};  ///< 0: for good
    std::chrono::milliseconds document_retention{};                              ///< 0: for good
};

/// [reconcile]: how often the daemon compares its record with everything around it.
struct ReconcileSettings {
    std::chrono::milliseconds interval = std::chrono::hours{24};  ///< 0: never
    bool repair = false;
    std::chrono::milliseconds orphan_grace = std::chrono::hours{24};
    bool read_documents = true;                   ///< compare hashes; false: sizes only
    std::uint64_t bytes_per_second = 8ULL << 20;  ///< at most so much is read for that
};

/// Everything the daemon is told. Plain values; move only.
struct Configuration {
    StoreSettings store;
    DocumentSettings documents;
    RedisSettings redis;
    ListenSettings listen;
    AdminSettings admin;
    InboundSettings inbound;
    LogSettings log;
    PipelineSettings pipeline;
    ReconcileSettings reconcile;
    std::vector<std::unique_ptr<AccountSettings>> accounts;  ///< in the order of the files
    std::vector<WebhookDoor> doors;                          ///< of the accounts that can have one
    std::vector<std::string> files;                          ///< what was read
    std::string hash;                                        ///< SHA-256 (hex) over the files' content
};

/// Reads `path` and `conf.d/*.toml` beside it. `factories`: the providers there are; they outlive the result. No
/// network. `judge` is asked about each account that has no mistake so far. Throws ConfigError with every mistake.
Configuration load(const std::string& path,
                   const std::vector<const ProviderFactory*>& factories,
                   FileChecks checks = FileChecks::strict,
                   const JudgeAccount& judge = {});

/// What may be meant but hardly is: a sentence about each account whose webhooks nobody listens for.
std::vector<std::string> doubts_about(const Configuration& configuration);

}  // namespace signwatch::config
