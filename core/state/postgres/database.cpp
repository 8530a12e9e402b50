#include "core/state/postgres/database.hpp"

#include <pqxx/pqxx>

#include "core/domain/error.hpp"
#include "core/state/postgres/failure.hpp"

namespace signwatch::postgres {

Rows::Rows(std::unique_ptr<pqxx::result> result) : result_(std::move(result)) {}
Rows::Rows(Rows&& other) noexcept = default;
Rows& Rows::operator=(Rows&& other) noexcept = default;
Rows::~Rows() = default;

bool Rows::next() {
    return ++row_ < static_cast<std::int64_t>(result_->size());
}

std::string_view Rows::cell(int column) const {
    const pqxx::field field = (*result_)[static_cast<pqxx::result::size_type>(row_)][column];
    return {field.c_str(), field.size()};
}

bool Rows::null(int column) const {
    return (*result_)[static_cast<pqxx::result::size_type>(row_)][column].is_null();
}

std::int64_t Rows::integer(int column) const {
    const std::string_view text = cell(column);
    std::int64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::string Rows::bytes(int column) const {
    const std::string_view text = cell(column);
    std::string bytes;
    for (std::size_t i = 2; i + 1 < text.size(); i += 2) {
        unsigned int byte = 0;
        std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
        bytes += static_cast<char>(byte);
    }
    return bytes;
}

std::optional<WallTime> Rows::maybe_time(int column) const {
    if (null(column)) return std::nullopt;
    return time(column);
}

std::int64_t Rows::changed() const {
    return static_cast<std::int64_t>(result_->affected_rows());
}

struct Database::Session {
    explicit Session(const std::string& where) : connection(where), quiet(connection) {
        connection.set_verbosity(pqxx::connection_base::terse);
    }

    pqxx::connection connection;
    pqxx::quiet_errorhandler quiet;  // libpqxx would write notices to standard error
    std::unique_ptr<pqxx::dbtransaction> transaction;
};

Database::Database(Server server) : server_(std::move(server)) {}
Database::Database(Database&&) noexcept = default;

Database::~Database() {
    disconnect();
}

void Database::connect() {
    disconnect();
    try {
        auto made = std::make_unique<Session>(connection_string(server_));
        pqxx::nontransaction session(made->connection);
        // Whatever the server's default: a commit that was confirmed is on its disk.
        session.exec(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'");
        const pqxx::result encoding = session.exec("SHOW server_encoding");
        if (std::string_view(encoding[0][0].c_str()) != "UTF8")
            throw Error(ErrorKind::permanent, "store_encoding", "the database must be made with ENCODING 'UTF8'");
        session.commit();
        session_ = std::move(made);
    } catch (const Error&) {
        throw;
    } catch (const pqxx::broken_connection& error) {
        const std::string_view what = error.what();
        const std::string first(what.substr(0, what.find('\n')));
        throw Error(ErrorKind::transient, "store_unreachable", "database: " + first);
    } catch (...) {
        throw_failure(false);
    }
}

void Database::disconnect() noexcept {
    roll_back();
    statements_.clear();
    session_.reset();
}

void Database::begin() {
    if (!session_) connect();
    gathered_ = {};
    try {
        session_->transaction = std::make_unique<pqxx::work>(session_->connection);
    } catch (...) {
        throw_failure(session_->connection.is_open());
    }
}

void Database::begin_reading() {
    if (!session_) connect();
    try {
        session_->transaction =
            std::make_unique<pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>>(session_->connection);
    } catch (...) {
        throw_failure(session_->connection.is_open());
    }
}

void Database::commit() {
    try {
        session_->transaction->commit();
        session_->transaction.reset();
    } catch (...) {
        if (leaves_in_doubt(session_->connection.is_open())) {
            throw Error(ErrorKind::transient, "store_in_doubt", "database: the connection was lost during a commit");
        }
        throw_failure(session_->connection.is_open());
    }
}

void Database::roll_back() noexcept {
    try {
        if (session_) session_->transaction.reset();  // aborts what was not committed
    } catch (const std::exception&) {
        // The connection is gone, and the transaction with it.
    }
    gathered_ = {};
}

Rows Database::run(const char* sql, const Values& values) {
    try {
        const std::vector<const char*> pointers = values.pointers();
        const auto bound = pqxx::prepare::make_dynamic_params(pointers);
        return Rows(std::make_unique<pqxx::result>(session_->transaction->exec_prepared(prepared(sql), bound)));
    } catch (...) {
        throw_failure(session_->connection.is_open());
    }
}

const std::string& Database::prepared(const char* sql) {
    const auto [found, is_new] = statements_.try_emplace(sql, "s" + std::to_string(statements_.size()));
    if (is_new) session_->connection.prepare(found->second, sql);
    return found->second;
}

void Database::script(const std::string& sql) {
    try {
        session_->transaction->exec(sql);
    } catch (...) {
        throw_failure(session_->connection.is_open());
    }
}

}  // namespace signwatch::postgres
