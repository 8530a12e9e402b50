#pragma once

#include <optional>
#include <string>

#include "daemon/cli/context.hpp"
#include "daemon/cli/exit_code.hpp"

/// The commands, one function each. They print to `context.out` and throw Error or ConfigError.
namespace signwatch::cli {

constexpr const char* default_config = "/etc/signwatch/signwatch.toml";

/// Which store a command looks into, and how it answers.
struct StoreOptions {
    std::string config_path = default_config;
    std::string store;  ///< not empty: the store's directory, and the configuration is not read
    bool json = false;
};

enum class MigrateStep { status, plan, up };

struct MigrateOptions {
    StoreOptions common;
    MigrateStep step = MigrateStep::status;
};

struct CheckConfigOptions {
    std::string config_path = default_config;
    bool json = false;
};

struct WatchOptions {
    StoreOptions common;
    std::string account;
    std::string target;
    std::size_t limit = 100;
};

struct RegisterOptions {
    StoreOptions common;
    std::string account;
    std::string process_id;
    std::string correlation_id;
    std::string deadline;
    std::string interval;
    std::vector<std::string> labels;
    std::string file;  ///< instead of all that: many registrations; "-" is standard input
};

struct ProcessListOptions {
    StoreOptions common;
    ProcessFilter filter;
};

struct ProcessOptions {
    StoreOptions common;
    std::string account;
    std::string process_id;
};

struct OrderOptions {
    ProcessOptions process;
    ProcessOrder order = ProcessOrder::pause;
};

struct DocumentListOptions {
    StoreOptions common;
    std::string account;
    std::string process_id;
    std::size_t limit = 100;
};

struct DocumentGetOptions {
    StoreOptions common;
    std::string account;
    std::string process_id;
    std::optional<DocumentKind> kind;
    std::optional<int> participant;
    std::string output;  ///< "-": standard output
};

struct EventListOptions {
    StoreOptions common;
    EntryId after;
    std::size_t limit = 100;
};

struct EventTailOptions {
    StoreOptions common;
    bool from_beginning = false;
    std::optional<std::size_t> count;
    std::optional<milliseconds> timeout;
};

struct CopyOptions {
    std::string from;  ///< configuration file of the store that is left
    std::string to;    ///< configuration file of the store that is moved to
    bool abandon = false;
    bool json = false;
    std::optional<MoveKillPoint> kill_at;
};

struct StatusOptions {
    StoreOptions common;
    std::optional<config::Endpoint> internal;  ///< instead of the configuration's
};

struct ReconcileOptions {
    std::string config_path = default_config;
    bool repair = false;
    bool quick = false;
    bool json = false;
};

ExitCode check_config(const CheckConfigOptions& options, const Context& context);
ExitCode list_watches(const WatchOptions& options, const Context& context);
ExitCode show_watch(const WatchOptions& options, const Context& context);
ExitCode list_processes(const ProcessListOptions& options, const Context& context);
ExitCode show_process(const ProcessOptions& options, const Context& context);
ExitCode retry_processes(const ProcessOptions& options, const Context& context);
ExitCode add_processes(const RegisterOptions& options, const Context& context);
ExitCode order_process(const OrderOptions& options, const Context& context);
ExitCode list_documents(const DocumentListOptions& options, const Context& context);
ExitCode get_document(const DocumentGetOptions& options, const Context& context);
ExitCode list_events(const EventListOptions& options, const Context& context);
ExitCode tail_events(const EventTailOptions& options, const Context& context);
ExitCode copy_store(const CopyOptions& options, const Context& context);
ExitCode show_status(const StatusOptions& options, const Context& context);
/// status: exit code 4 while something is missing; plan: names it; up: applies it.
ExitCode migrate(const MigrateOptions& options, const Context& context);
ExitCode reconcile(const ReconcileOptions& options, const Context& context);
ExitCode show_version(bool json, const Context& context);

}  // namespace signwatch::cli
