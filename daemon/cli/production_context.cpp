#include <filesystem>
#include <iostream>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "core/http/client_factory.hpp"
#include "core/runtime/system_clock.hpp"
#include "daemon/cli/context.hpp"
#include "daemon/cli/ready_probe.hpp"
#include "daemon/cli/reconcile_run.hpp"
#include "daemon/cli/state_backend.hpp"
#include "daemon/documents/open_documents.hpp"
#include "daemon/store_lock.hpp"

namespace signwatch::cli {
namespace {

// On whatever timeline the daemon schedules: long due.
constexpr WallTime at_once{};

class NoProgress final : public Progress {
public:
    void reached(Step) noexcept override {}
};

// Not until nothing is left to do: a client may keep a timer beyond its answer. Whoever answers from a thread of its
// own may not be done with the loop by then: the loop outlives them.
template <typename Result>
Result run_on(boost::asio::io_context& loop, Task<Result> task) {
    auto result = boost::asio::co_spawn(loop, std::move(task), boost::asio::use_future);
    loop.restart();
    while (result.wait_for(std::chrono::seconds{0}) != std::future_status::ready && loop.run_one() > 0) {
    }
    return result.get();
}

WallTime civil_now() {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

std::size_t retry_parked(const config::StoreSettings& settings,
                         const std::string& account,
                         const std::string& process_id) {
    NoProgress progress;
    boost::asio::io_context loop(1);
    const auto store = open_state(settings, progress, Opener::command);
    return run_on(loop, store->retry_parked(account, process_id, at_once));
}

const AccountSettings* find_account(const config::Configuration& configuration, const std::string& name) {
    for (const auto& account : configuration.accounts)
        if (account->terms().account == name) return account.get();
    return nullptr;
}

// On the daemon's own schedule timeline.
std::vector<registry::Reply> register_processes(const config::Configuration& configuration,
                                                std::vector<Registration> registrations) {
    NoProgress progress;
    boost::asio::io_context loop(1);
    runtime::SystemClock clock(loop.get_executor());
    const auto store = open_state(configuration.store, progress, Opener::command);
    run_on(loop, adopt_timeline(*store, clock));
    registry::Registrar registrar(
        clock, *store, [&](const std::string& name) { return find_account(configuration, name); });
    return run_on(loop, registrar.add(std::move(registrations)));
}

OrderOutcome order_process(const config::StoreSettings& settings,
                           const std::string& account,
                           const std::string& process_id,
                           ProcessOrder order) {
    NoProgress progress;
    boost::asio::io_context loop(1);
    const auto store = open_state(settings, progress, Opener::command);
    return run_on(loop, store->order_process(account, process_id, order, at_once));
}

void require_documents(const RecordPlace& place) {
    std::error_code ignored;
    const std::string directory = place.store.documents();
    if (!place.documents.s3 && !std::filesystem::is_directory(directory, ignored)) {
        throw Error(ErrorKind::transient, "store_missing", "there is no readable directory " + directory);
    }
}

/// The loop that the stores' clients live on, and what they share.
struct DocumentWork {
    NoProgress progress;
    boost::asio::io_context loop{1};
    runtime::SystemClock clock{loop.get_executor()};
    std::unique_ptr<http::ClientFactory> http = http::make_client_factory(loop.get_executor());
    runtime::BlockingPool pool{4};

    std::unique_ptr<DocumentStore> open(const RecordPlace& place) {
        return daemon::open_documents(loop.get_executor(), place.store, place.documents, *http, clock, pool, progress)
            .store;
    }
};

void copy_document(const RecordPlace& place, const std::string& sha256, DocumentSink& sink) {
    require_documents(place);
    DocumentWork work;
    const auto store = work.open(place);
    run_on(work.loop, store->get(sha256, sink));
}

using Transfer = Task<daemon::CopyCount> (*)(boost::asio::any_io_executor loop,
                                             DocumentStore& from,
                                             DocumentStore& to,
                                             daemon::ShowCopy show);

// No daemon may work on either store meanwhile: each holds the lock of its directory.
daemon::CopyCount transfer(const RecordPlace& from, const RecordPlace& to, daemon::ShowCopy show, Transfer way) {
    require_documents(from);
    const daemon::StoreLock source_lock(from.store.directory);
    std::optional<daemon::StoreLock> target_lock;
    if (to.store.directory != from.store.directory) target_lock.emplace(to.store.directory);
    DocumentWork work;
    const auto source = work.open(from);
    const auto target = work.open(to);
    return run_on(work.loop, way(work.loop.get_executor(), *source, *target, std::move(show)));
}

std::vector<CertificateExpiry> check_identity(const HttpIdentity& identity) {
    std::vector<CertificateExpiry> certificates;
    for (auto& expiry : http::certificate_expiries(identity)) {
        certificates.push_back({std::move(expiry.name), expiry.not_after});
    }
    return certificates;
}

}  // namespace

Context production_context(std::vector<const ProviderFactory*> providers, std::function<int(const RunOptions&)> run) {
    Context context;
    context.providers = std::move(providers);
    context.run = std::move(run);
    context.open_view = open_state_view;
    context.schema_state = schema_state;
    context.migrate_schema = migrate_schema;
    context.retry_parked = retry_parked;
    context.register_processes = register_processes;
    context.order_process = order_process;
    context.copy_document = copy_document;
    context.run_reconciliation = run_reconciliation;
    context.copy_documents = [](const RecordPlace& from, const RecordPlace& to, daemon::ShowCopy show) {
        return transfer(from, to, std::move(show), daemon::copy_documents);
    };
    context.verify_documents = [](const RecordPlace& from, const RecordPlace& to, daemon::ShowCopy show) {
        return transfer(from, to, std::move(show), daemon::verify_copy);
    };
    context.ask_ready = ask_ready;
    context.check_identity = check_identity;
    context.now = civil_now;
    context.pause = [](milliseconds duration) { std::this_thread::sleep_for(duration); };
    context.out = &std::cout;
    context.err = &std::cerr;
    return context;
}

}  // namespace signwatch::cli
