#include "daemon/admin/answers.hpp"

#include <utility>

#include <nlohmann/json.hpp>

namespace signwatch::admin {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

listener::Answer json_answer(int status, std::string body) {
    listener::Answer answer;
    answer.status = status;
    answer.content_type = "application/json";
    answer.body = std::move(body);
    return answer;
}

Json error_json(std::string_view code, std::string_view message) {
    return {{"error", {{"code", code}, {"message", message}}}};
}

listener::Answer error_answer(int status, std::string_view code, std::string_view message) {
    return json_answer(status, text_of(error_json(code, message)));
}

listener::Answer answer_to(const Error& error) {
    if (error.code() == "account_unknown") return error_answer(404, error.code(), error.what());
    return error_answer(error.kind() == ErrorKind::transient ? 503 : 500, error.code(), error.what());
}

listener::Answer answer_to_improper(int status) {
    if (status == 413) return error_answer(status, "body_too_large", "the body has more than 2 MiB");
    if (status == 431) return error_answer(status, "header_too_large", "the header has more than 16 KiB");
    return error_answer(status, "no_http", "this is no HTTP request");
}

}  // namespace signwatch::admin
