#include "daemon/listener/messages.hpp"

#include <utility>

namespace signwatch::listener {
namespace {

namespace http = boost::beast::http;

std::string text_of(boost::beast::string_view view) {
    return {view.data(), view.size()};
}

}  // namespace

Request request_of(const Parser::value_type& message) {
    Request request;
    request.method = text_of(message.method_string());
    request.target = text_of(message.target());
    request.content_type = text_of(message[http::field::content_type]);
    request.authorization = text_of(message[http::field::authorization]);
    for (const auto& field : message)
        request.headers.push_back({text_of(field.name_string()), text_of(field.value())});
    return request;
}

Response make_response(Answer answer, unsigned version, bool keep_alive, bool head) {
    Response response(static_cast<http::status>(answer.status), version);
    const bool no_content = answer.status == 204;
    if (!no_content && !answer.content_type.empty()) response.set(http::field::content_type, answer.content_type);
    response.set(http::field::cache_control, "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    if (!answer.allow.empty()) response.set(http::field::allow, answer.allow);
    if (!answer.challenge.empty()) response.set(http::field::www_authenticate, answer.challenge);
    for (const HttpHeader& header : answer.more_headers)
        response.set(header.name, header.value);
    response.keep_alive(keep_alive);
    if (!no_content) response.content_length(answer.body.size());
    if (!head && !no_content) response.body() = std::move(answer.body);
    return response;
}

int status_of(const boost::system::error_code& error) {
    if (error == http::error::header_limit) return 431;
    return error == http::error::body_limit ? 413 : 400;
}

bool is_protocol_error(const boost::system::error_code& error) {
    return error && error.category() == http::make_error_code(http::error::bad_method).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

}  // namespace signwatch::listener
