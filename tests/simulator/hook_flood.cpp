#include "tests/simulator/hook_flood.hpp"

#include <chrono>
#include <cstdio>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>

#include "tests/simulator/arqsign/hook_bodies.hpp"

namespace signwatch::simulator {
namespace {

namespace asio = boost::asio;
using boost::asio::use_awaitable;
using std::chrono::duration;
using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr microseconds answer_limit = 30s;

/// All connections of one flood.
class Flood {
public:
    Flood(const FloodOptions& options, HookUrl url)
        : options_(options),
          url_(std::move(url)),
          tls_(hook_tls(options.tls)),
          total_(static_cast<std::uint64_t>(options.rate) * static_cast<std::uint64_t>(options.seconds)) {}

    FloodResult run() {
        start_ = steady_clock::now();
        for (int i = 0; i < options_.connections; ++i)
            asio::co_spawn(loop_, send_all(), asio::detached);
        loop_.run();
        result_.took_s = duration<double>(steady_clock::now() - start_).count();
        return std::move(result_);
    }

private:
    Task<void> send_all() {
        HookClient client(loop_, tls_, url_);
        asio::steady_timer timer(loop_);
        while (next_ < total_) {
            const std::uint64_t number = next_++;
            const auto due = start_ + due_after(number);
            if (due > steady_clock::now()) {
                timer.expires_at(due);
                co_await timer.async_wait(use_awaitable);
            }
            result_.behind_s = duration<double>(steady_clock::now() - due).count();
            ++result_.sent;
            HookCall call = call_of(number);
            const HookAnswer answer = co_await client.send(std::move(call), answer_limit);
            note(answer);
        }
    }

    steady_clock::duration due_after(std::uint64_t number) const {
        return std::chrono::duration_cast<steady_clock::duration>(
            duration<double>(static_cast<double>(number) / options_.rate));
    }

    HookCall call_of(std::uint64_t number) const {
        HookCall call;
        call.body = flood_body(options_, number);
        call.headers = {{"Content-Type", "application/json"}};
        if (options_.arqsign)
            call.headers.emplace_back("HMAC", arqsign_hmac(options_.hmac_key, call.body));
        else
            call.headers.emplace_back("X-AdobeSign-ClientId", options_.client_id);
        return call;
    }

    void note(const HookAnswer& answer) {
        if (answer.status == 0) {
            ++result_.unanswered;
            return;
        }
        ++result_.statuses[answer.status];
        result_.times.add(answer.took);
        const bool good = options_.arqsign ? answer.status == 200 : answer.status / 100 == 2;
        const bool echoed = options_.arqsign || answer.client_id == options_.client_id;
        if (good && echoed) ++result_.acknowledged;
        if (good && !echoed) ++result_.without_echo;
    }

    const FloodOptions& options_;
    HookUrl url_;
    asio::io_context loop_{1};
    asio::ssl::context tls_;
    std::uint64_t total_;
    std::uint64_t next_ = 0;
    steady_clock::time_point start_;
    FloodResult result_;
};

}  // namespace

std::string flood_body(const FloodOptions& options, std::uint64_t number) {
    char id[40];
    std::snprintf(id, sizeof id, "00000000-0000-4000-8000-%012llu", static_cast<unsigned long long>(number));
    nlohmann::ordered_json body;
    if (options.arqsign) {
        body["Evento"] = "ProcessoAssinado";
        body["IdProcesso"] = options.subject;
        body["IdConta"] = options.account;
        body["IdWebhook"] = options.webhook;
        body["DataHoraAtual"] = "14/02/2025 18:22:41";
        body["IdEvento"] = 3;
        body["NomeProcesso"] = id;
        return body.dump();
    }
    body["webhookId"] = options.webhook;
    body["webhookName"] = "flood";
    body["webhookNotificationId"] = id;
    body["webhookScope"] = "ACCOUNT";
    body["accountId"] = options.account;
    body["event"] = "AGREEMENT_ACTION_COMPLETED";
    body["eventDate"] = "2026-03-04T10:02:11Z";
    body["eventResourceType"] = "agreement";
    body["participantUserId"] = id;
    body["agreement"] = {{"id", options.subject}, {"name", "flood"}, {"status", "OUT_FOR_SIGNATURE"}};
    return body.dump();
}

nlohmann::json FloodResult::to_json() const {
    nlohmann::json by_status = nlohmann::json::object();
    for (const auto& [status, count] : statuses)
        by_status[std::to_string(status)] = count;
    return {{"sent", sent},
            {"acknowledged", acknowledged},
            {"without_echo", without_echo},
            {"unanswered", unanswered},
            {"statuses", std::move(by_status)},
            {"answers", times.to_json()},
            {"took_s", took_s},
            {"behind_s", behind_s},
            {"rate", took_s > 0 ? static_cast<double>(acknowledged) / took_s : 0.0}};
}

FloodResult flood(const FloodOptions& options) {
    const auto url = read_hook_url(options.url);
    if (!url) throw std::invalid_argument("the URL is https on this machine");
    const auto within = [](int value, int most) { return value >= 1 && value <= most; };
    if (!within(options.rate, 50'000) || !within(options.seconds, 600) || !within(options.connections, 1'000))
        throw std::invalid_argument("at most 50000 a second, for 600 s, over 1000 connections");
    return Flood(options, *url).run();
}

}  // namespace signwatch::simulator
