#include "daemon/cli/state_backend.hpp"

#include "core/state/postgres/postgres_state_store.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"

namespace signwatch::cli {

postgres::Server server_of(const config::PostgresSettings& from) {
    postgres::Server server;
    server.host = from.address.is_unix() ? from.address.unix_path : from.address.host;
    if (!from.address.is_unix()) server.port = from.address.port;
    server.database = from.database;
    server.user = from.user;
    server.password_file = from.password_file;
    server.tls = from.tls;
    server.ca_file = from.ca_file;
    server.certificate_file = from.certificate_file;
    server.key_file = from.key_file;
    server.readers = from.readers;
    return server;
}

std::unique_ptr<StateStore> open_state(const config::StoreSettings& store, Progress& progress, Opener opener) {
    if (!store.in_postgres) return sqlite::open_state_store(store.database(), progress);
    const auto role = opener == Opener::daemon ? postgres::Role::member : postgres::Role::tool;
    return postgres::open_state_store(server_of(store.postgres), progress, role);
}

std::unique_ptr<StateView> open_state_view(const config::StoreSettings& store) {
    return store.in_postgres ? postgres::open_state_view(server_of(store.postgres))
                             : sqlite::open_state_view(store.database());
}

Task<void> adopt_timeline(StateStore& state, runtime::SystemClock& clock) {
    if (state.beat_interval()) {
        const std::optional<milliseconds> shared = co_await state.timeline(clock.offset(), false);
        if (shared) clock.begin_at(*shared);
        co_return;
    }
    const std::string anchor = co_await state.remember("schedule_anchor", clock.anchor());
    clock.adopt(anchor);
}

state::SchemaState schema_state(const config::StoreSettings& store) {
    return store.in_postgres ? postgres::schema_state(server_of(store.postgres))
                             : sqlite::schema_state(store.database());
}

void migrate_schema(const config::StoreSettings& store) {
    if (store.in_postgres)
        postgres::migrate_schema(server_of(store.postgres));
    else
        sqlite::migrate_schema(store.database());
}

}  // namespace signwatch::cli
