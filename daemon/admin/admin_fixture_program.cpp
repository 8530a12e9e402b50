// The admin listener over a record of its own, for openapi_test.py:
//   signwatch_admin_alone SOCKET TOKEN_FILE [transient|integrity]
// Prints its routes as one line of JSON, serves until its input ends. With a third word, everything fails so. A line of
// input names a process that is to be parked, and is repeated when it is.
#include <iostream>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include "daemon/admin/admin_fixture.hpp"
#include "daemon/admin/admin_server.hpp"

namespace {

using namespace signwatch;

Task<void> park(admin::testing::AdminFixture& fixture, std::string process) {
    using namespace std::chrono_literals;
    ClaimWatches claim;
    claim.now = fixture.clock.schedule_now() + 48h;
    claim.accounts.push_back({"acme", 600s, 100});
    const WallTime later = claim.now;
    const std::vector<Watch> watches = co_await fixture.store->claim_due_watches(std::move(claim));
    for (const Watch& watch : watches) {
        SettleWatch settlement;
        settlement.watch = watch.id;
        settlement.due_at = settlement.settled_at = later;
        settlement.ends = settlement.parks = watch.key.target == process;
        co_await fixture.store->settle_watch(std::move(settlement));
    }
    std::cout << process << std::endl;
}

}  // namespace

int main(int count, char** words) {
    if (count < 3) return 2;
    admin::testing::AdminFixture fixture;
    if (count > 3) {
        const bool transient = std::string(words[3]) == "transient";
        fixture.failure = Error(transient ? ErrorKind::transient : ErrorKind::integrity, "store_failed", "it fails");
    }
    telemetry::Log log(telemetry::LogFormat::text, telemetry::Level::error, std::cerr);
    telemetry::Metrics metrics("1.0", log);
    config::AdminSettings settings;
    settings.listen.unix_path = words[1];
    settings.token_file = words[2];
    admin::AdminServer server(fixture.loop.get_executor(), settings, fixture.parts(), metrics, log);
    server.start();

    auto routes = nlohmann::json::array();
    for (const admin::Route& route : admin::AdminRoutes::all())
        routes.push_back({{"name", route.name}, {"method", route.method}, {"path", route.path}});
    std::cout << routes.dump() << std::endl;

    std::thread watcher([&] {
        for (std::string process; std::getline(std::cin, process);)
            boost::asio::co_spawn(fixture.loop, park(fixture, process), boost::asio::detached);
        boost::asio::post(fixture.loop, [&] { server.stop(); });
    });
    fixture.loop.run();
    watcher.join();
    return 0;
}
