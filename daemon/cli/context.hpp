#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "core/config/configuration.hpp"
#include "core/config/endpoint.hpp"
#include "core/domain/time.hpp"
#include "core/ports/document_store.hpp"
#include "core/ports/progress.hpp"
#include "core/ports/provider_factory.hpp"
#include "core/ports/state_view.hpp"
#include "core/reconcile/report.hpp"
#include "core/registry/registrar.hpp"
#include "core/state/copy/record_copy.hpp"
#include "core/state/shared/schema_state.hpp"
#include "daemon/documents/document_copy.hpp"

namespace signwatch::cli {

/// For the crash tests: die by SIGKILL when `step` is reached for the `count`th time.
struct KillPoint {
    Step step = Step::watch_claimed;
    int count = 1;
};

/// What `signwatch run` was told.
struct RunOptions {
    std::string config_path;
    std::optional<std::string> log_level;   ///< instead of the configuration's
    std::optional<std::string> log_format;  ///< instead of the configuration's
    std::optional<KillPoint> kill_at;
    double time_lapse = 1;  ///< for tests: due times and budgets pass so much faster
};

/// The daemon's answer on /readyz.
struct ReadyAnswer {
    int status = 0;
    std::string body;
};

struct CertificateExpiry {
    std::string
        name;  ///< "client" (our certificate and its chain) or "ca" (the pinned authorities): the first to expire
    WallTime not_after{};
};

/// A run of reconciliation from the command line.
struct ReconcileWork {
    const config::Configuration& configuration;
    bool repair = false;
    bool read_documents = true;  ///< false: sizes only
    bool daemon_runs = false;
    std::set<std::string> waiting;  ///< accounts that are not looked at for a good reason
};

/// Where a record and its documents are.
struct RecordPlace {
    config::StoreSettings store;
    config::DocumentSettings documents;
};

/// For tests: die by SIGKILL when `step` of moving a record is reached for the `count`th time.
struct MoveKillPoint {
    copy::MoveStep step = copy::MoveStep::leaving;
    int count = 1;
};

/// What moves from one place to another.
struct CopyWork {
    RecordPlace from;
    RecordPlace to;
    bool record = false;     ///< from SQLite to PostgreSQL
    bool documents = false;  ///< they are kept in another place there
    std::optional<MoveKillPoint> kill_at;
};

struct CopyResult {
    std::optional<copy::MoveReport> record;
    std::optional<daemon::CopyCount> documents;
};

/// How far a copy has come.
struct CopyStage {
    const char* items = "";  ///< what is counted
    std::size_t done = 0;
    std::size_t whole = 0;  ///< 0: not known
};

using ShowStage = std::function<void(const CopyStage& stage)>;

/// What the commands work with. Everything blocks, and fails by throwing Error. Main takes `production_context`; tests
/// put their own parts in.
struct Context {
    std::vector<const ProviderFactory*> providers;
    std::function<int(const RunOptions&)> run;

    std::function<std::unique_ptr<StateView>(const config::StoreSettings& store)> open_view;
    std::function<state::SchemaState(const config::StoreSettings& store)> schema_state;
    std::function<void(const config::StoreSettings& store)> migrate_schema;
    std::function<std::size_t(
        const config::StoreSettings& store, const std::string& account, const std::string& process_id)>
        retry_parked;
    /// By the accounts and in the store of the configuration; one reply for each.
    std::function<std::vector<registry::Reply>(const config::Configuration& configuration,
                                               std::vector<Registration> registrations)>
        register_processes;
    std::function<OrderOutcome(const config::StoreSettings& store,
                               const std::string& account,
                               const std::string& process_id,
                               ProcessOrder order)>
        order_process;
    std::function<void(const RecordPlace& place, const std::string& sha256, DocumentSink& sink)> copy_document;
    std::function<CopyResult(const CopyWork& work, const ShowStage& show)> copy_store;
    /// Takes a record back that `copy_store` has not moved to the end.
    std::function<copy::AbandonReport(const RecordPlace& from, const RecordPlace& to)> abandon_copy;
    std::function<reconcile::Report(const ReconcileWork& work)> run_reconciliation;
    /// nullopt: nobody answers there.
    std::function<std::optional<ReadyAnswer>(const config::Endpoint& address)> ask_ready;
    /// Loads certificates, key and authorities without a socket, and proves that they fit together.
    std::function<std::vector<CertificateExpiry>(const HttpIdentity& identity)> check_identity;

    std::function<WallTime()> now;
    std::function<void(milliseconds)> pause;
    std::ostream* out = nullptr;
    std::ostream* err = nullptr;
};

/// The real parts: SQLite or PostgreSQL, the document directory, the loopback listener, standard output and error.
Context production_context(std::vector<const ProviderFactory*> providers, std::function<int(const RunOptions&)> run);

}  // namespace signwatch::cli
