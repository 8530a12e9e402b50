#include "daemon/cli/store_access.hpp"

#include <filesystem>

namespace signwatch::cli {

config::StoreSettings find_store(const StoreOptions& options, const Context& context) {
    config::StoreSettings named;
    named.directory = options.store;
    if (!options.store.empty()) return named;
    return config::load(options.config_path, context.providers, config::FileChecks::none).store;
}

RecordPlace find_record(const StoreOptions& options, const Context& context) {
    if (!options.store.empty()) return {find_store(options, context), {}};
    auto configuration = config::load(options.config_path, context.providers, config::FileChecks::none);
    return {std::move(configuration.store), std::move(configuration.documents)};
}

std::unique_ptr<StateView> open_view(const config::StoreSettings& store, const Context& context) {
    std::error_code ignored;
    if (!store.in_postgres && !std::filesystem::exists(store.database(), ignored)) {
        throw Error(ErrorKind::transient,
                    "store_missing",
                    "there is no readable database " + store.database() +
                        ": has the daemon run, and may this user read its directory?");
    }
    return context.open_view(store);
}

std::unique_ptr<StateView> open_view(const StoreOptions& options, const Context& context) {
    return open_view(find_store(options, context), context);
}

ProcessDetail find_process(StateView& view, const std::string& account, const std::string& process_id) {
    auto detail = view.process(account, process_id);
    if (!detail) {
        throw Error(ErrorKind::permanent, "not_found", "account " + account + " has no process " + process_id);
    }
    return std::move(*detail);
}

}  // namespace signwatch::cli
