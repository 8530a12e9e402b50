#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

#include "core/state/sqlite/database.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"
#include "tests/bench/measured_store.hpp"

namespace signwatch::bench {
namespace {

void write_watches(const std::filesystem::path& file, const Filling& filling) {
    sqlite::migrate_schema(file);
    sqlite::Database database(file, sqlite::Database::Mode::read_write);
    database.script("PRAGMA cache_size = -200000; BEGIN; INSERT INTO account (id, name) VALUES (1, 'acme');");
    database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
        " INSERT INTO watch (id, account_id, kind, target, seen)"
        " SELECT i, 1, 'process', printf('process-%08d', i), hex(randomblob(32)) FROM n",
        filling.watches);
    database.execute(
        "INSERT INTO due_watch (account_id, due_at, watch_id, kind, target, seen, since)"
        " SELECT 1, ?1 + (id * 7919 % ?2) * ?3 / ?2, id, kind, target, seen, since FROM watch ORDER BY 2, 3",
        filling.from,
        filling.watches,
        filling.span.count());
    database.execute("UPDATE account SET watches = ?1", filling.watches);
    database.script("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
}

class MeasuredSqlite : public MeasuredStore {
public:
    explicit MeasuredSqlite(std::filesystem::path file) : file_(std::move(file)) {}
    ~MeasuredSqlite() override {
        std::error_code ignored;
        for (const char* const end : {"", "-wal", "-shm"})
            std::filesystem::remove(file_.string() + end, ignored);
    }

    std::unique_ptr<StateStore> open(Progress& progress) override { return sqlite::open_state_store(file_, progress); }

    // In a process of its own, so that its memory is not counted as the store's.
    void fill(const Filling& filling) override {
        const pid_t child = ::fork();
        if (child == 0) {
            try {
                write_watches(file_, filling);
            } catch (const std::exception&) {
                ::_exit(1);
            }
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        if (status != 0) throw std::runtime_error("filling " + file_.string() + " failed");
    }

    double megabytes() const override { return static_cast<double>(std::filesystem::file_size(file_)) / 1e6; }
    double server_cpu() const override { return 0; }

private:
    std::filesystem::path file_;
};

class SqliteStores : public StoreMaker {
public:
    explicit SqliteStores(std::filesystem::path directory) : directory_(std::move(directory)) {}
    std::unique_ptr<MeasuredStore> make() override {
        return std::make_unique<MeasuredSqlite>(directory_ / ("state-" + std::to_string(++made_) + ".db"));
    }
    std::string settings() const override { return {}; }

private:
    std::filesystem::path directory_;
    int made_ = 0;
};

}  // namespace

std::unique_ptr<StoreMaker> sqlite_stores(const std::filesystem::path& directory) {
    return std::make_unique<SqliteStores>(directory);
}

}  // namespace signwatch::bench
