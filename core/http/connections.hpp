#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "core/http/curl_handles.hpp"
#include "core/http/exchange.hpp"
#include "core/http/limits.hpp"
#include "core/http/multi.hpp"
#include "core/http/tls_material.hpp"
#include "core/http/url_guard.hpp"

namespace signwatch::http {

/// All that the requests of one client share: identity, connections kept open, handles for reuse, and the queue of
/// exchanges that wait for a connection. Event-loop thread.
class Connections {
public:
    Connections(boost::asio::any_io_executor loop, const HttpIdentity& identity, const Limits& limits);
    ~Connections();
    Connections(const Connections&) = delete;
    Connections& operator=(const Connections&) = delete;

    const boost::asio::any_io_executor& loop() const { return loop_; }
    const Limits& limits() const { return limits_; }
    const UrlGuard& guard() const { return guard_; }

    /// Starts the exchange, or lets it queue while max_connections others run; its time-outs begin when it starts.
    void start(Exchange& exchange);

    /// After this nothing refers to the exchange any more; fine for one that is finished or never started.
    void forget(Exchange& exchange);

    /// Cancels all exchanges, and every later one at its start.
    void close();

private:
    struct Running {
        EasyHandle easy;
        Exchange* exchange;
    };

    EasyHandle take_easy();
    void run(Exchange& exchange);
    void run_queued();
    void on_done(CURL* easy, CURLcode code);

    CurlLibrary library_;
    boost::asio::any_io_executor loop_;
    Limits limits_;
    UrlGuard guard_;
    TlsMaterial material_;
    bool check_host_name_;
    std::string user_agent_;
    std::size_t max_connections_;
    std::vector<Running> running_;
    std::vector<EasyHandle> idle_;
    std::deque<Exchange*> queued_;
    std::unique_ptr<Multi> multi_;  ///< empty once closed
};

}  // namespace signwatch::http
