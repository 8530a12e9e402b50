#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports/http.hpp"
#include "core/ports/task.hpp"
#include "daemon/listener/body_budget.hpp"
#include "daemon/listener/peer.hpp"

/// HTTP/1.1 of our own listeners, without a word about what they answer.
namespace signwatch::listener {

/// Move only.
struct Request {
    std::string method;
    std::string target;  ///< path and query as sent
    std::string content_type;
    std::string authorization;
    std::vector<HttpHeader> headers;  ///< all of them, in their order
    std::string body;                 ///< empty while it is still to come
    BodyShare share;             ///< what the body takes of the listener's memory; belongs to whoever keeps the body
    const Peer* peer = nullptr;  ///< as long as the connection, which waits for the answer
};

struct Answer {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";  ///< empty: none is named
    std::string body;
    std::string allow;                     ///< with 405: the methods that are allowed
    std::string challenge;                 ///< with 401: how to prove who one is
    std::vector<HttpHeader> more_headers;  ///< a name that stands above replaces it
};

/// What a client may cost us.
struct Limits {
    std::size_t connections = 64;             ///< further ones are closed at once
    bool idle_give_way = false;               ///< instead, that which has been idle longest is closed, if one is idle
    std::size_t connections_per_address = 0;  ///< of one client_block; further ones are closed at once; 0: no limit
    std::size_t header_bytes = 8 * 1024;
    std::size_t body_bytes = 4 * 1024;
    std::size_t bodies_bytes = 0;  ///< of all bodies that are held at once, beyond which 503 is said; 0: no limit
    std::chrono::milliseconds request_time{
        5'000};                               ///< from its first byte (a new connection: from connecting) to its last
    std::chrono::milliseconds header_time{};  ///< the same to the end of the header; 0: request_time alone counts
    std::size_t least_body_rate = 0;          ///< bytes in a second, after a start of header_time; 0: any
    std::chrono::milliseconds answer_time{10'000};
    std::chrono::milliseconds idle_time{75'000};  ///< between two requests of a connection
};

/// What a listener asks its owner; event-loop thread. A task must not throw.
struct Handlers {
    /// Looks at a request before its body is read; an answer refuses it and ends the connection. May be empty.
    std::function<std::optional<Answer>(const Request&)> admit;
    std::function<Task<Answer>(Request)> answer;
    /// What is said to something that is no proper request: 400, 413 (body), 431 (header), 503 (bodies).
    std::function<Answer(int status)> refuse;
    /// Whether somebody may connect at all, before a byte is read. May be empty.
    std::function<bool(const Peer&)> welcome;
    /// A connection ended without an answer: "connection_limit", "connections_of_address", "not_welcome", "tls" or
    /// "slow". May be empty.
    std::function<void(std::string_view why)> dropped;
};

}  // namespace signwatch::listener
