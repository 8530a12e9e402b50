#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include <sqlite3.h>

#include "core/domain/time.hpp"

namespace signwatch::sqlite {

/// Bytes to bind as a BLOB.
struct Blob {
    std::string_view bytes;
};

/// A value to bind where the number of values is not known before.
using Value = std::variant<std::int64_t, std::string>;

/// One execution of a prepared statement: its rows, one at a time. The statement is free for its next use when this is
/// destroyed.
class Rows {
public:
    explicit Rows(sqlite3_stmt* statement) : statement_(statement) {}
    Rows(Rows&& other) noexcept = default;
    Rows& operator=(Rows&& other) noexcept = default;

    /// Steps to the next row; false after the last.
    bool next();

    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
    int small(int column) const { return sqlite3_column_int(statement_.get(), column); }
    bool truth(int column) const { return small(column) != 0; }
    std::string text(int column) const;  ///< TEXT or BLOB
    std::string bytes(int column) const { return text(column); }
    WallTime time(int column) const { return from_unix_ms(integer(column)); }
    bool null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
    std::optional<WallTime> maybe_time(int column) const;

private:
    struct Reset {
        void operator()(sqlite3_stmt* statement) const;
    };
    std::unique_ptr<sqlite3_stmt, Reset> statement_;
};

/// A connection with its prepared statements. One thread at a time. Failures are Error: integrity "store_corrupt",
/// otherwise transient "store_full", "store_busy", "store_io", "store_readonly", "store_failed".
class Database {
public:
    enum class Mode { read_write, read_only };

    Database(const std::filesystem::path& file, Mode mode);

    /// Runs one statement; `sql` is a literal (statements are cached by its address). Binds `values` to ?1, ?2 ... in
    /// order; what all stores share writes them as PostgreSQL does, $1, $2 ...
    template <typename... Values>
    Rows query(const char* sql, const Values&... values) {
        sqlite3_stmt* const statement = prepare(sql);
        Rows rows(statement);
        int index = 0;
        (bind(statement, ++index, values), ...);
        return rows;
    }

    Rows query(const char* sql, const std::vector<Value>& values);

    /// The same for a statement without rows. Returns the number of rows changed.
    template <typename... Values>
    std::int64_t execute(const char* sql, const Values&... values) {
        Rows rows = query(sql, values...);
        while (rows.next()) {
        }
        return sqlite3_changes64(handle_.get());
    }

    /// Runs any number of statements from a text that need not live on.
    void script(const std::string& sql);

    std::int64_t last_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
    bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }

    sqlite3* handle() { return handle_.get(); }

private:
    struct Close {
        void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };

    sqlite3_stmt* prepare(const char* sql);
    void bind(sqlite3_stmt* statement, int index, std::int64_t value);
    void bind(sqlite3_stmt* statement, int index, std::string_view value);
    void bind(sqlite3_stmt* statement, int index, Blob value);
    void bind_null(sqlite3_stmt* statement, int index);
    void bind(sqlite3_stmt* statement, int index, int value) { bind(statement, index, std::int64_t{value}); }
    void bind(sqlite3_stmt* statement, int index, bool value) { bind(statement, index, std::int64_t{value}); }
    void bind(sqlite3_stmt* statement, int index, std::uint64_t value) {
        bind(statement, index, static_cast<std::int64_t>(value));
    }
    void bind(sqlite3_stmt* statement, int index, const char* value) {
        bind(statement, index, std::string_view{value});
    }
    void bind(sqlite3_stmt* statement, int index, const std::string& value) {
        bind(statement, index, std::string_view{value});
    }
    void bind(sqlite3_stmt* statement, int index, WallTime value) { bind(statement, index, to_unix_ms(value)); }
    template <typename Value>
    void bind(sqlite3_stmt* statement, int index, const std::optional<Value>& value) {
        if (value)
            bind(statement, index, *value);
        else
            bind_null(statement, index);
    }

    std::unique_ptr<sqlite3, Close> handle_;
    std::unordered_map<const char*, std::unique_ptr<sqlite3_stmt, Finalize>> statements_;
};

/// Throws the Error for a result code of SQLite. The text names the statement's failure, never a bound value.
[[noreturn]] void throw_failure(sqlite3* handle, int code);

}  // namespace signwatch::sqlite
