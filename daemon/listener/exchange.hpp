#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "core/ports/task.hpp"

/// HTTP/1.1 of our own listeners, without a word about what they answer.
namespace signwatch::listener {

struct Request {
    std::string method;
    std::string target;  ///< path and query as sent
    std::string content_type;
    std::string authorization;
    std::string body;  ///< empty while it is still to come
};

struct Answer {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body;
    std::string allow;      ///< with 405: the methods that are allowed
    std::string challenge;  ///< with 401: how to prove who one is
};

/// What a client may cost us.
struct Limits {
    std::size_t connections = 64;  ///< further ones are closed at once
    std::size_t header_bytes = 8 * 1024;
    std::size_t body_bytes = 4 * 1024;
    std::chrono::milliseconds request_time{
        5'000};  ///< from its first byte (a new connection: from connecting) to its last
    std::chrono::milliseconds answer_time{10'000};
    std::chrono::milliseconds idle_time{75'000};  ///< between two requests of a connection
};

/// What a listener asks its owner; event-loop thread. A task must not throw.
struct Handlers {
    /// Looks at a request before its body is read; an answer refuses it and ends the connection. May be empty.
    std::function<std::optional<Answer>(const Request&)> admit;
    std::function<Task<Answer>(Request)> answer;
    /// What is said to something that is no proper request: 400, 413 (body), 431 (header).
    std::function<Answer(int status)> refuse;
};

}  // namespace signwatch::listener
