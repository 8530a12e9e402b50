#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include "tests/simulator/http_server.hpp"
#include "tests/simulator/key_material.hpp"

namespace signwatch::simulator {

/// What a listener was sent.
struct HeardCall {
    std::string method;
    std::string target;
    std::string client_id;
    std::string hmac;
    std::string body;
};

/// A listener for webhooks on a thread of its own, for tests of senders. It answers what `answer` says; by default 200
/// with the echo that Adobe wants.
class HookListener {
public:
    explicit HookListener(const KeyMaterial& keys) : tls_(boost::asio::ssl::context::tls_server), server_(make(keys)) {
        server_.start();
        thread_ = std::thread([this] { loop_.run(); });
    }
    ~HookListener() {
        loop_.stop();
        thread_.join();
    }
    HookListener(const HookListener&) = delete;
    HookListener& operator=(const HookListener&) = delete;

    std::string url() const { return "https://127.0.0.1:" + std::to_string(server_.port()) + "/hooks/secret"; }

    void answer_with(std::function<Reply(const HeardCall&)> answer) {
        const std::lock_guard lock(mutex_);
        answer_ = std::move(answer);
    }
    std::vector<HeardCall> heard() const {
        const std::lock_guard lock(mutex_);
        return heard_;
    }
    static Reply echo(const HeardCall& call) {
        return {.content_type = "application/json",
                .fields = "X-AdobeSign-ClientId: " + call.client_id + "\r\n",
                .text = "{\"xAdobeSignClientId\":\"" + call.client_id + "\"}"};
    }

private:
    HttpServer make(const KeyMaterial& keys) {
        tls_.use_certificate_chain_file(keys.server.string());
        tls_.use_private_key_file(keys.server_key.string(), boost::asio::ssl::context::pem);
        return HttpServer(
            loop_, {.tls = &tls_, .body_limit = 64 << 20}, [this](const Call& call) { return hear(call); });
    }
    Reply hear(const Call& call) {
        const std::lock_guard lock(mutex_);
        heard_.push_back({std::string(call.method),
                          std::string(call.target),
                          std::string(call.header("X-AdobeSign-ClientId")),
                          std::string(call.header("HMAC")),
                          std::string(call.body)});
        return answer_(heard_.back());
    }

    mutable std::mutex mutex_;
    std::function<Reply(const HeardCall&)> answer_ = echo;
    std::vector<HeardCall> heard_;
    boost::asio::io_context loop_{1};
    boost::asio::ssl::context tls_;
    HttpServer server_;
    std::thread thread_;
};

}  // namespace signwatch::simulator
