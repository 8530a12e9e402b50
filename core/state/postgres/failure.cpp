#include "core/state/postgres/failure.hpp"

#include <pqxx/pqxx>
#include <string>

#include "core/domain/error.hpp"

namespace signwatch::postgres {
namespace {

struct Meaning {
    const char* state;  // the beginning of an SQLSTATE
    ErrorKind kind;
    const char* code;
};

// PostgreSQL 15, appendix A; the first that fits.
constexpr Meaning meanings[]{
    {"08", ErrorKind::transient, "store_unreachable"},     // connection exceptions
    {"57P", ErrorKind::transient, "store_unreachable"},    // the server is stopping, or ended the session
    {"25P03", ErrorKind::transient, "store_unreachable"},  // idle_in_transaction_session_timeout
    {"53100", ErrorKind::transient, "store_full"},
    {"53", ErrorKind::transient, "store_busy"},     // connections, memory
    {"40", ErrorKind::transient, "store_busy"},     // deadlock, serialization
    {"55P03", ErrorKind::transient, "store_busy"},  // lock_timeout
    {"23505", ErrorKind::transient, "store_busy"},  // another replica has just added the same
    {"57014", ErrorKind::transient, "store_timeout"},
    {"25006", ErrorKind::transient, "store_readonly"},
    {"58030", ErrorKind::transient, "store_io"},
    {"XX001", ErrorKind::integrity, "store_corrupt"},
    {"XX002", ErrorKind::integrity, "store_corrupt"},
};

[[noreturn]] void throw_for(const std::string& state) {
    const std::string what = "database: error " + (state.empty() ? "without a code" : state);
    for (const Meaning& each : meanings)
        if (state.starts_with(each.state)) throw Error(each.kind, each.code, what);
    throw Error(ErrorKind::transient, "store_failed", what);
}

[[noreturn]] void throw_unreachable() {
    throw Error(ErrorKind::transient, "store_unreachable", "database: the connection is lost");
}

}  // namespace

void throw_failure(bool connected) {
    try {
        throw;
    } catch (const Error&) {
        throw;
    } catch (const pqxx::broken_connection&) {
        throw_unreachable();
    } catch (const pqxx::sql_error& error) {
        if (!connected) throw_unreachable();
        throw_for(error.sqlstate());
    } catch (const pqxx::transaction_rollback&) {
        throw_for("40");
    } catch (const std::exception&) {
        if (!connected) throw_unreachable();
        throw_for("");
    }
}

// A clear refusal leaves none: the server has said that nothing was committed.
bool leaves_in_doubt(bool connected) {
    try {
        throw;
    } catch (const pqxx::broken_connection&) {
        return true;
    } catch (const pqxx::in_doubt_error&) {
        return true;
    } catch (const pqxx::statement_completion_unknown&) {
        return true;
    } catch (const pqxx::sql_error& error) {
        return !connected || error.sqlstate().starts_with("08") || error.sqlstate().starts_with("57P");
    } catch (const pqxx::transaction_rollback&) {
        return false;
    } catch (...) {
        return true;
    }
}

}  // namespace signwatch::postgres
