#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/ports/task.hpp"

namespace signwatch::simulator {

/// One request, valid while it is being answered.
struct Call {
    std::string_view method;
    std::string_view target;
    std::string_view body;
    /// The first header of that name (without case), "" if there is none.
    std::function<std::string_view(std::string_view name)> header = [](std::string_view) { return std::string_view{}; };
};

/// How an answer travels; everything but `whole` and `slow` ends with the connection torn down.
enum class Delivery { whole, slow, cut_before, cut_after_headers, cut_in_body };

/// One answer. The body is `document` (shared, never copied) or else `text`.
struct Reply {
    unsigned status = 200;
    std::string_view content_type = "application/xml";  ///< a literal
    std::string fields{};                               ///< further header lines, each ending in CRLF
    std::string text{};
    std::shared_ptr<const std::string> document{};
    Delivery delivery = Delivery::whole;
    std::function<void()> written{};       ///< called when every byte was handed to the connection
    std::function<Task<Reply>()> later{};  ///< the real answer, if it takes a while: nothing else counts then

    const std::string& body() const { return document ? *document : text; }
};

/// Answers calls on the loop's thread.
using CallHandler = std::function<Reply(const Call&)>;

}  // namespace signwatch::simulator
