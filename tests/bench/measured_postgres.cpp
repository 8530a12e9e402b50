#include <chrono>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include "core/state/postgres/postgres_state_store.hpp"
#include "tests/bench/measured_store.hpp"
#include "tests/fakes/postgres_server.hpp"

namespace signwatch::bench {
namespace {

using namespace std::chrono_literals;

// Less than this makes of ten million watches a bench of the smallest cache; the rest is as PostgreSQL comes.
constexpr const char* shared_buffers = "shared_buffers=256MB";
constexpr auto patience = 60min;

struct Usage {
    pid_t parent = 0;
    double own = 0;     // ms
    double reaped = 0;  // ms, of children that have ended
};

// proc(5): after the name in brackets come state, ppid and, from the eleventh on, utime, stime, cutime, cstime.
Usage usage_of(const std::filesystem::path& process) {
    std::ostringstream text;
    text << std::ifstream(process / "stat").rdbuf();
    const std::string line = text.str();
    const std::size_t name_ends = line.rfind(')');
    if (name_ends == std::string::npos) return {};
    std::istringstream fields(line.substr(name_ends + 1));
    std::string state;
    std::string skipped;
    Usage usage;
    double user = 0;
    double system = 0;
    double reaped_user = 0;
    double reaped_system = 0;
    fields >> state >> usage.parent;
    for (int i = 0; i < 9; ++i)
        fields >> skipped;
    fields >> user >> system >> reaped_user >> reaped_system;
    const double tick_ms = 1e3 / static_cast<double>(::sysconf(_SC_CLK_TCK));
    usage.own = (user + system) * tick_ms;
    usage.reaped = (reaped_user + reaped_system) * tick_ms;
    return usage;
}

double cpu_of_family(pid_t parent) {
    const Usage root = usage_of("/proc/" + std::to_string(parent));
    double total = root.own + root.reaped;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        if (entry.path().filename().string().find_first_not_of("0123456789") != std::string::npos) continue;
        const Usage usage = usage_of(entry.path());
        if (usage.parent == parent) total += usage.own;
    }
    return total;
}

class MeasuredPostgres : public MeasuredStore {
public:
    explicit MeasuredPostgres(testing::PostgresServer& cluster) : cluster_(cluster) {
        server_.host = cluster.host();
        server_.database = cluster.make_database();
        server_.lease = 24h;  // nobody beats here
    }
    ~MeasuredPostgres() override {
        cluster_.sql("postgres", "DROP DATABASE " + server_.database + " WITH (FORCE)", patience);
    }

    std::unique_ptr<StateStore> open(Progress& progress) override {
        return postgres::open_state_store(server_, progress, postgres::Role::member);
    }

    void fill(const Filling& filling) override {
        postgres::migrate_schema(server_);
        const std::string total = std::to_string(filling.watches);
        const std::string from = std::to_string(to_unix_ms(filling.from));
        const std::string span = std::to_string(filling.span.count());
        // Without the triggers that look up foreign keys.
        cluster_.sql(server_.database,
                     "SET session_replication_role = replica; SET synchronous_commit = off;"
                     " INSERT INTO account (name) VALUES ('acme');"
                     " INSERT INTO watch (account_id, kind, target, seen) SELECT a.id, 'process', 'process-' ||"
                     " lpad(i::text, 8, '0'), md5(i::text) || md5((-i)::text) FROM account a, generate_series(1, " +
                         total +
                         ") i;"
                         " INSERT INTO due_watch (watch_id, account_id, due_at) SELECT id, account_id, " +
                         from + " + (id * 7919 % " + total + ") * " + span + " / " + total +
                         " FROM watch;"
                         " INSERT INTO tally SELECT 'watch', id, 0, " +
                         total + " FROM account",
                     patience);
        cluster_.sql(server_.database, "VACUUM ANALYZE", patience);
        cluster_.sql(server_.database, "CHECKPOINT", patience);
    }

    double megabytes() const override {
        return std::stod(cluster_.sql("postgres", "SELECT pg_database_size('" + server_.database + "')")) / 1e6;
    }
    double server_cpu() const override { return cpu_of_family(cluster_.pid()); }

private:
    testing::PostgresServer& cluster_;
    postgres::Server server_;
};

class PostgresStores : public StoreMaker {
public:
    std::unique_ptr<MeasuredStore> make() override { return std::make_unique<MeasuredPostgres>(cluster_); }
    std::string settings() const override {
        return std::string(shared_buffers) + ", on a Unix socket of this machine, else as PostgreSQL comes";
    }

private:
    testing::PostgresServer cluster_{{shared_buffers}};
};

}  // namespace

std::unique_ptr<StoreMaker> postgres_stores() {
    return std::make_unique<PostgresStores>();
}

}  // namespace signwatch::bench
