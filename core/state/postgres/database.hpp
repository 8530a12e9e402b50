#pragma once

#include <charconv>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/domain/time.hpp"
#include "core/state/postgres/server.hpp"

namespace pqxx {
class result;
}  // namespace pqxx

namespace signwatch::postgres {

/// Bytes to bind as a bytea.
struct Blob {
    std::string_view bytes;
};

/// The text as PostgreSQL can keep it: NUL and broken UTF-8 become U+FFFD.
std::string storable(std::string_view text);

/// The rows of one statement, one at a time.
class Rows {
public:
    explicit Rows(std::unique_ptr<pqxx::result> result);
    Rows(Rows&& other) noexcept;
    Rows& operator=(Rows&& other) noexcept;
    ~Rows();

    /// Steps to the next row; false after the last.
    bool next();

    std::int64_t integer(int column) const;  ///< 0 if it is null
    int small(int column) const { return static_cast<int>(integer(column)); }
    bool truth(int column) const { return cell(column) == "t"; }
    std::string text(int column) const { return std::string(cell(column)); }
    std::string bytes(int column) const;
    WallTime time(int column) const { return from_unix_ms(integer(column)); }
    bool null(int column) const;
    std::optional<WallTime> maybe_time(int column) const;
    /// How many rows the statement has changed.
    std::int64_t changed() const;

private:
    std::string_view cell(int column) const;

    std::unique_ptr<pqxx::result> result_;
    std::int64_t row_ = -1;
};

/// The values of one statement, as text.
class Values {
public:
    void add(std::int64_t value) { texts_.emplace_back(std::to_string(value)); }
    void add(int value) { add(std::int64_t{value}); }
    void add(std::uint64_t value) { texts_.emplace_back(std::to_string(value)); }
    void add(bool value) { texts_.emplace_back(value ? "t" : "f"); }
    void add(WallTime value) { add(to_unix_ms(value)); }
    /// As far as it is storable().
    void add(std::string_view value);
    void add(const std::string& value) { add(std::string_view{value}); }
    void add(const char* value) { add(std::string_view{value}); }
    void add(Blob value);
    void add(const std::vector<std::string>& values);   ///< text[]
    void add(const std::vector<std::int64_t>& values);  ///< bigint[]
    /// An array of any type, each element as PostgreSQL reads it; nullopt: null. Texts are storable() already.
    void add(const std::vector<std::optional<std::string>>& elements);
    template <typename Value>
    void add(const std::optional<Value>& value) {
        if (value)
            add(*value);
        else
            texts_.emplace_back(std::nullopt);
    }

    std::vector<const char*> pointers() const;

private:
    std::vector<std::optional<std::string>> texts_;
};

/// An event of this transaction that still waits for its entry id.
struct NewEvent {
    std::int64_t row = 0;
    WallTime now;
};

/// What a transaction has gathered and writes just before its end.
struct Gathered {
    std::vector<NewEvent> events;
    std::map<std::pair<std::string, std::int64_t>, std::int64_t> tally;  ///< by what and account: how many more
};

/// A connection with its prepared statements and its transaction. Connects on demand. One thread at a time. Failures
/// are Error: transient "store_unreachable" (the connection is gone), "store_in_doubt" (it went during COMMIT),
/// "store_full", "store_busy", "store_timeout", "store_readonly", "store_failed", or integrity "store_corrupt".
class Database {
public:
    explicit Database(Server server);
    Database(Database&&) noexcept;
    ~Database();

    bool connected() const { return session_ != nullptr; }
    void connect();
    void disconnect() noexcept;

    void begin();
    void begin_reading();
    void commit();
    void roll_back() noexcept;

    /// Runs one statement in the transaction; `sql` is a literal (statements are prepared once by its address). Binds
    /// `values` to $1, $2 ... in order.
    template <typename... Bound>
    Rows query(const char* sql, const Bound&... values) {
        Values bound;
        (bound.add(values), ...);
        return run(sql, bound);
    }

    /// The same with values that are bound already.
    Rows query(const char* sql, const Values& bound) { return run(sql, bound); }

    /// The same for a statement without rows. Returns the number of rows changed.
    template <typename... Bound>
    std::int64_t execute(const char* sql, const Bound&... values) {
        return query(sql, values...).changed();
    }

    /// Runs any number of statements from a text that need not live on.
    void script(const std::string& sql);

    /// The member in whose name the transaction works; nullopt: nobody's (a tool).
    std::optional<std::int64_t> holder() const { return holder_; }
    void set_holder(std::optional<std::int64_t> token) { holder_ = token; }

    Gathered& gathered() { return gathered_; }
    /// Adds to a count of tally when the transaction ends.
    void count(const char* what, std::int64_t account, std::int64_t more) { gathered_.tally[{what, account}] += more; }

    /// Ids of accounts that are certain to exist, by name.
    std::unordered_map<std::string, std::int64_t>& accounts() { return accounts_; }

    const Server& server() const { return server_; }

private:
    struct Session;

    Rows run(const char* sql, const Values& values);
    const std::string& prepared(const char* sql);

    Server server_;
    std::unique_ptr<Session> session_;
    std::unordered_map<const char*, std::string> statements_;
    std::optional<std::int64_t> holder_;
    Gathered gathered_;
    std::unordered_map<std::string, std::int64_t> accounts_;
};

}  // namespace signwatch::postgres
