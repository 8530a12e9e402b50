#pragma once

#include <functional>
#include <future>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"
#include "core/domain/error.hpp"
#include "core/runtime/system_clock.hpp"
#include "core/telemetry/telemetry_observer.hpp"
#include "daemon/inbound/inbound_server.hpp"
#include "providers/arqsign/webhooks.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::inbound::testing {

inline const std::string client_id = "CBJCHBCAABAAo5xVTdPn";
inline const std::string hmac_key = "3d0c9a52-77aa-4f0e-8b1d-90aa11bb22cc";
inline const std::string process_id = "7b1d8f0e-6f0a-4a57-9f0e-2c5b7a1f3d10";

/// A provider that knows its sender by a header and wants that back.
struct EchoWebhooks final : Webhooks {
    std::size_t most = 1 << 20;

    WebhookAnswer answer(const WebhookRequest& request) const override {
        WebhookAnswer answer;
        answer.refused = "unknown_client";
        for (const HttpHeader& header : request.headers) {
            if (header.name != "X-AdobeSign-ClientId" || header.value != client_id) continue;
            answer.refused = {};
            answer.status = 200;
            answer.headers = {{"X-AdobeSign-ClientId", client_id}, {"Content-Type", "application/json"}};
            answer.body = R"({"xAdobeSignClientId":")" + client_id + "\"}";
            answer.queue = request.method == "POST";
            answer.dedup_key = crypto::sha256_hex(request.body);
        }
        return answer;
    }
    std::vector<ProcessHint> read(std::string_view /*body*/) const override { return {}; }
    std::size_t max_body() const override { return most; }
};

/// Keeps what it is given: at once, late, or not at all.
struct MemoryInbox final : NotificationInbox {
    explicit MemoryInbox(boost::asio::io_context& where) : loop(where) {}

    Task<bool> queue_notification(Notification notification) override {
        if (failing) throw Error(ErrorKind::transient, "store_full", "the disk is full");
        if (delay.count() > 0) {
            boost::asio::steady_timer timer(loop, delay);
            co_await timer.async_wait(boost::asio::use_awaitable);
        }
        const bool fresh = keys.insert(notification.account + "/" + notification.dedup_key).second;
        if (fresh) kept.push_back(std::move(notification));
        co_return fresh;
    }

    boost::asio::io_context& loop;
    bool failing = false;
    std::chrono::milliseconds delay{};
    std::set<std::string> keys;
    std::vector<Notification> kept;
};

inline config::InboundSettings plain_settings() {
    config::InboundSettings settings;
    settings.off = false;
    settings.listen = {"127.0.0.1", 0, ""};
    return settings;
}

/// The server on a loop of its own thread, with the accounts "echo" and "arqsign" at their default paths.
class RunningInbound {
public:
    template <typename Question>
    auto on_loop(Question question) {
        std::packaged_task<std::invoke_result_t<Question&>()> task(std::move(question));
        auto result = task.get_future();
        boost::asio::post(loop_, [&task] { task(); });
        return result.get();
    }
    explicit RunningInbound(const config::InboundSettings& settings = plain_settings()) {
        metrics_.declare_account("echo", ProviderKind::adobe_sign);
        metrics_.declare_account("arqsign", ProviderKind::arqsign);
        server_.emplace(
            loop_.get_executor(), adoption(settings), InboundParts{clock_, inbox_, observer_, metrics_, log_});
        server_->start();
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~RunningInbound() {
        on_loop([this] { server_->stop(); });
        work_.reset();
        thread_.join();
    }
    RunningInbound(const RunningInbound&) = delete;
    RunningInbound& operator=(const RunningInbound&) = delete;

    Adoption adoption(const config::InboundSettings& settings) {
        return Adoption::read(
            settings, {{doors[0], ProviderKind::adobe_sign, &echo_}, {doors[1], ProviderKind::arqsign, &arqsign_}});
    }
    int port() {
        return on_loop([this] { return server_->port(); });
    }
    InboundServer& server() { return *server_; }
    MemoryInbox& inbox() { return inbox_; }
    std::vector<Notification> kept() {
        return on_loop([this] { return inbox_.kept; });
    }
    std::string metrics() const { return metrics_.render(); }
    bool counted(const std::string& line) const {
        return metrics_.render().find("signwatch_" + line + "\n") != std::string::npos;
    }
    std::string logged() {
        return on_loop([this] { return out_.str(); });
    }
    EchoWebhooks& echo() { return echo_; }

    config::WebhookDoor doors[2] = {{"echo", "", "", {}, false, {}}, {"arqsign", "", "", {}, false, {}}};

private:
    arqsign::WebhookSettings arqsign_settings() const {
        arqsign::WebhookSettings settings;
        settings.hmac_key_file = folder_.write("hmac.key", hmac_key).string();
        return settings;
    }

    signwatch::testing::TempDir folder_;
    boost::asio::io_context loop_{1};
    runtime::SystemClock clock_{loop_.get_executor()};
    std::ostringstream out_;
    telemetry::Log log_{telemetry::LogFormat::json, telemetry::Level::debug, out_};
    telemetry::Metrics metrics_{"1.0", log_};
    telemetry::TelemetryObserver observer_{metrics_, log_.logger("inbound"), clock_};
    MemoryInbox inbox_{loop_};
    EchoWebhooks echo_;
    arqsign::ArqSignWebhooks arqsign_{arqsign_settings()};
    std::optional<InboundServer> server_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
    std::thread thread_;
};

/// A request as it goes over the wire; `last`: the connection ends with its answer.
inline std::string request(const std::string& method,
                           const std::string& target,
                           const std::string& headers,
                           const std::string& body = "",
                           bool last = true) {
    std::string text = method + " " + target + " HTTP/1.1\r\nHost: x\r\n" + headers;
    if (last) text += "Connection: close\r\n";
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

inline std::string client_header() {
    return "X-AdobeSign-ClientId: " + client_id + "\r\n";
}

inline std::string notification(const std::string& more = "") {
    return R"({"Evento":"ProcessoConcluido","IdProcesso":")" + process_id + "\"" + more + "}";
}

inline std::string hmac_header(const std::string& body) {
    const crypto::Sha256Bytes digest = crypto::hmac_sha256(hmac_key, body);
    return "HMAC: " + crypto::to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "\r\n";
}

/// A signed webhook of ArqSign.
inline std::string arqsign_post(const std::string& body, bool last = true) {
    return request("POST", "/webhooks/arqsign", hmac_header(body), body, last);
}

}  // namespace signwatch::inbound::testing
