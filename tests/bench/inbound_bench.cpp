// Webhooks by the thousand over TLS into the real store: how long their senders wait, and what memory it takes.
// Prints figures; judges nothing.
//   inbound_bench [SECONDS [PER_SECOND [CONNECTIONS]]]     (10, 5000, 32)
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "core/state/sqlite/sqlite_state_store.hpp"
#include "core/telemetry/telemetry_observer.hpp"
#include "daemon/inbound/inbound_fixture.hpp"
#include "tests/fakes/test_pki.hpp"

namespace signwatch::inbound {
namespace {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

struct IgnoreProgress : Progress {
    void reached(Step /*step*/) noexcept override {}
};

struct Figures {
    std::vector<double> waits;  ///< milliseconds
    int other_answers = 0;
};

struct Load {
    std::uint16_t port;
    std::string authority;
    Steady::time_point end;
    std::chrono::nanoseconds gap;  ///< between two notifications of a connection
    int connections;
};

double resident_megabytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t pages = 0;
    statm >> pages >> pages;
    return static_cast<double>(pages) * 4'096 / 1e6;
}

Task<void> send(const Load& load, asio::ssl::context& tls, int number, Figures& figures) {
    const auto executor = co_await asio::this_coro::executor;
    asio::ssl::stream<asio::ip::tcp::socket> stream(executor, tls);
    const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), load.port);
    co_await stream.next_layer().async_connect(server, asio::use_awaitable);
    stream.next_layer().set_option(asio::ip::tcp::no_delay(true));
    co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
    asio::steady_timer timer(executor);
    std::string answer;
    auto due = Steady::now() + load.gap * number / load.connections;
    for (int i = 0; due < load.end; ++i, due += load.gap) {
        timer.expires_at(due);
        co_await timer.async_wait(asio::use_awaitable);
        const std::string id = std::to_string(number) + "." + std::to_string(i);
        const std::string request = testing::arqsign_post(testing::notification(",\"n\":\"" + id + "\""), false);
        const auto begun = Steady::now();
        const auto bytes = asio::buffer(request);
        co_await asio::async_write(stream, bytes, asio::use_awaitable);
        auto space = asio::dynamic_buffer(answer);
        const std::size_t size = co_await asio::async_read_until(stream, space, "\r\n\r\n", asio::use_awaitable);
        figures.waits.push_back(Milliseconds(Steady::now() - begun).count());
        if (!answer.starts_with("HTTP/1.1 200 ")) ++figures.other_answers;
        answer.erase(0, size);
    }
}

Figures run(const Load& load) {
    asio::io_context loop{1};
    asio::ssl::context tls(asio::ssl::context::tls_client);
    tls.add_certificate_authority(asio::buffer(load.authority));
    tls.set_verify_mode(asio::ssl::verify_peer);
    Figures figures;
    for (int i = 0; i < load.connections; ++i)
        asio::co_spawn(loop, send(load, tls, i, figures), asio::detached);
    loop.run();
    std::sort(figures.waits.begin(), figures.waits.end());
    return figures;
}

double at(const Figures& figures, double part) {
    const auto place = static_cast<std::size_t>(part * static_cast<double>(figures.waits.size() - 1));
    return figures.waits[place];
}

void bench(int seconds, int per_second, int connections) {
    const signwatch::testing::TempDir folder;
    const signwatch::testing::TestAuthority authority("bench");
    signwatch::testing::Subject subject;
    subject.ip_addresses = {"127.0.0.1"};
    const auto pair = authority.issue(subject);
    arqsign::WebhookSettings arqsign;
    arqsign.hmac_key_file = folder.write("hmac.key", testing::hmac_key).string();
    const arqsign::ArqSignWebhooks webhooks(arqsign);
    config::InboundSettings settings = testing::plain_settings();
    settings.certificate_file = folder.write("server.pem", pair.certificate_pem).string();
    settings.key_file = folder.write("server.key", pair.key_pem).string();
    settings.rate_per_address = 0;
    settings.rate_per_account = 0;

    asio::io_context loop{1};
    IgnoreProgress progress;
    const auto store = sqlite::open_state_store(folder.path() / "state.db", progress);
    runtime::SystemClock clock(loop.get_executor());
    telemetry::Log log(telemetry::LogFormat::json, telemetry::Level::error);
    telemetry::Metrics metrics("1.0", log);
    telemetry::TelemetryObserver observer(metrics, log.logger("inbound"), clock);
    const config::WebhookDoor door{"arqsign", "", "", {}, false, {}};
    InboundServer server(loop.get_executor(),
                         Adoption::read(settings, {{door, ProviderKind::arqsign, &webhooks}}),
                         {clock, *store, observer, metrics, log, {}});
    server.start();
    const Load load{static_cast<std::uint16_t>(server.port()),
                    authority.certificate_pem(),
                    Steady::now() + std::chrono::seconds{seconds},
                    std::chrono::nanoseconds{1'000'000'000LL * connections / per_second},
                    connections};
    const double before = resident_megabytes();
    std::thread listener([&] { loop.run(); });
    const auto begun = Steady::now();
    const Figures figures = run(load);
    const double took = Milliseconds(Steady::now() - begun).count() / 1e3;
    const double after = resident_megabytes();
    asio::post(loop, [&] { server.stop(); });
    listener.join();
    std::printf("%zu webhooks in %.1f s (%.0f/s) over %d connections with TLS, each durable before its answer\n",
                figures.waits.size(),
                took,
                static_cast<double>(figures.waits.size()) / took,
                connections);
    std::printf("answered after: median %.2f ms, 99%% %.2f ms, 99.9%% %.2f ms, slowest %.2f ms; %d not with 200\n",
                at(figures, 0.5),
                at(figures, 0.99),
                at(figures, 0.999),
                figures.waits.back(),
                figures.other_answers);
    std::printf("memory: %.1f MB before, %.1f MB after\n", before, after);
}

}  // namespace
}  // namespace signwatch::inbound

int main(int count, char** arguments) {
    const auto argument = [&](int i, int fallback) { return count > i ? std::atoi(arguments[i]) : fallback; };
    signwatch::inbound::bench(argument(1, 10), argument(2, 5'000), argument(3, 32));
    return 0;
}
