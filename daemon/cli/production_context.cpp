#include <iostream>
#include <thread>

#include <boost/asio/io_context.hpp>

#include "core/http/client_factory.hpp"
#include "core/runtime/system_clock.hpp"
#include "daemon/cli/blocking.hpp"
#include "daemon/cli/context.hpp"
#include "daemon/cli/document_work.hpp"
#include "daemon/cli/ready_probe.hpp"
#include "daemon/cli/reconcile_run.hpp"
#include "daemon/cli/state_backend.hpp"
#include "daemon/cli/store_move.hpp"

namespace signwatch::cli {
namespace {

// On whatever timeline the daemon schedules: long due.
constexpr WallTime at_once{};

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

void copy_document(const RecordPlace& place, const std::string& sha256, DocumentSink& sink) {
    DocumentWork work;
    const auto store = work.open(place);
    run_on(work.loop, store->get(sha256, sink));
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
    context.copy_store = move_store;
    context.abandon_copy = abandon_store;
    context.ask_ready = ask_ready;
    context.check_identity = check_identity;
    context.now = civil_now;
    context.pause = [](milliseconds duration) { std::this_thread::sleep_for(duration); };
    context.out = &std::cout;
    context.err = &std::cerr;
    return context;
}

}  // namespace signwatch::cli
