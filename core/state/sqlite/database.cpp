#include "core/state/sqlite/database.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <system_error>
#include <unistd.h>

#include "core/domain/error.hpp"

namespace signwatch::sqlite {
namespace {

constexpr int busy_timeout_ms = 5000;

// SQLite gives its -wal and -shm files the mode of the database.
void create_private(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor >= 0)
        ::close(descriptor);
    else
        throw Error(ErrorKind::transient, "store_open", "cannot create the database: error " + std::to_string(errno));
}

// SQLite refuses symbolic links anywhere in a path; ours may stand for the directory, never for the database itself.
std::filesystem::path resolved(const std::filesystem::path& file) {
    const std::filesystem::path whole = std::filesystem::absolute(file);
    std::error_code failure;
    const std::filesystem::path directory = std::filesystem::weakly_canonical(whole.parent_path(), failure);
    return failure ? whole : directory / whole.filename();
}

const char* code_of(int primary) {
    switch (primary) {
        case SQLITE_FULL:
            return "store_full";
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return "store_busy";
        case SQLITE_IOERR:
            return "store_io";
        case SQLITE_READONLY:
            return "store_readonly";
        case SQLITE_CANTOPEN:
            return "store_open";
        default:
            return "store_failed";
    }
}

// $1 would be a name to SQLite, numbered by where it stands first; ?1 is a number.
std::string with_question_marks(const char* sql) {
    std::string text = sql;
    for (std::size_t i = 0; i + 1 < text.size(); ++i)
        if (text[i] == '$' && text[i + 1] >= '1' && text[i + 1] <= '9') text[i] = '?';
    return text;
}

}  // namespace

void throw_failure(sqlite3* handle, int code) {
    const int primary = code & 0xff;
    const std::string what = std::string("database: ") + (handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code));
    if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB) throw Error(ErrorKind::integrity, "store_corrupt", what);
    throw Error(ErrorKind::transient, code_of(primary), what);
}

void Rows::Reset::operator()(sqlite3_stmt* statement) const {
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

bool Rows::next() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) throw_failure(sqlite3_db_handle(statement_.get()), code);
    return false;
}

std::string Rows::text(int column) const {
    const void* const bytes = sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return bytes ? std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size)) : std::string();
}

std::optional<WallTime> Rows::maybe_time(int column) const {
    if (null(column)) return std::nullopt;
    return time(column);
}

Database::Database(const std::filesystem::path& file, Mode mode) {
    // Nobody asks SQLite how much memory it uses, and counting takes a lock at each allocation.
    static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(uncounted);
    if (mode == Mode::read_write) create_private(file);
    const int flags = (mode == Mode::read_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX |
                      SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_NOFOLLOW;
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(resolved(file).c_str(), &opened, flags, nullptr);
    handle_.reset(opened);
    if (code != SQLITE_OK) throw_failure(opened, code);
    sqlite3_busy_timeout(opened, busy_timeout_ms);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_LOOKASIDE, nullptr, 1200, 200);
    script(
        "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = "
        "-4000;");
}

void Database::script(const std::string& sql) {
    const int code = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) throw_failure(handle_.get(), code);
}

Rows Database::query(const char* sql, const std::vector<Value>& values) {
    sqlite3_stmt* const statement = prepare(sql);
    Rows rows(statement);
    int index = 0;
    for (const Value& each : values) {
        ++index;
        std::visit([&](const auto& value) { bind(statement, index, value); }, each);
    }
    return rows;
}

sqlite3_stmt* Database::prepare(const char* sql) {
    auto& statement = statements_[sql];
    if (!statement) {
        sqlite3_stmt* prepared = nullptr;
        const std::string text = with_question_marks(sql);
        const int code =
            sqlite3_prepare_v3(handle_.get(), text.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
        if (code != SQLITE_OK) throw_failure(handle_.get(), code);
        statement.reset(prepared);
    }
    return statement.get();
}

void Database::bind(sqlite3_stmt* statement, int index, std::int64_t value) {
    const int code = sqlite3_bind_int64(statement, index, value);
    if (code != SQLITE_OK) throw_failure(handle_.get(), code);
}

void Database::bind(sqlite3_stmt* statement, int index, std::string_view value) {
    const char* const text = value.empty() ? "" : value.data();
    const int code = sqlite3_bind_text64(statement, index, text, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    if (code != SQLITE_OK) throw_failure(handle_.get(), code);
}

void Database::bind(sqlite3_stmt* statement, int index, Blob value) {
    const char* const bytes = value.bytes.empty() ? "" : value.bytes.data();
    const int code = sqlite3_bind_blob64(statement, index, bytes, value.bytes.size(), SQLITE_TRANSIENT);
    if (code != SQLITE_OK) throw_failure(handle_.get(), code);
}

void Database::bind_null(sqlite3_stmt* statement, int index) {
    const int code = sqlite3_bind_null(statement, index);
    if (code != SQLITE_OK) throw_failure(handle_.get(), code);
}

}  // namespace signwatch::sqlite
