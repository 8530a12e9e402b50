#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <unordered_map>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/http/curl_handles.hpp"

namespace signwatch::http {

/// libcurl's multi interface driven by the event loop: Asio watches the sockets that libcurl names and keeps the one
/// timer that it asks for. libcurl owns the sockets. libcurl is only entered from add, remove and handlers of the loop,
/// never from one of its own callbacks. Event-loop thread.
class Multi {
public:
    /// Called when a transfer has ended; its handle is no longer in here, and others may be added.
    using Done = std::function<void(CURL* easy, CURLcode code)>;

    /// Keeps up to `kept_connections` open for reuse.
    Multi(boost::asio::any_io_executor loop, int kept_connections, Done done);
    ~Multi();
    Multi(const Multi&) = delete;
    Multi& operator=(const Multi&) = delete;

    void add(CURL* easy);
    void remove(CURL* easy);

private:
    struct Watch;

    static constexpr auto never = std::chrono::steady_clock::time_point::max();

    static int on_socket(CURL*, curl_socket_t socket, int wanted, void* self, void* known);
    static int on_timer(CURLM*, long milliseconds, void* self);

    bool watch(curl_socket_t socket, int wanted, bool is_new);
    void unwatch(curl_socket_t socket);
    void wait_as_wanted(const std::shared_ptr<Watch>& watch);
    void wait(const std::shared_ptr<Watch>& watch, int event);
    void arm(long milliseconds);
    void wait_for_deadline();
    void deadline_reached();
    void act(curl_socket_t socket, int events);
    void report_finished();

    boost::asio::any_io_executor loop_;
    Done done_;
    boost::asio::steady_timer timer_;
    std::chrono::steady_clock::time_point deadline_ = never;  ///< when libcurl wants to be called
    std::chrono::steady_clock::time_point armed_ = never;     ///< when the timer fires; not later than the deadline
    std::shared_ptr<const bool> alive_;  ///< handlers hold it weakly: it tells them that we are gone
    std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches_;
    CURLM* multi_;
};

}  // namespace signwatch::http
