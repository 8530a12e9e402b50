#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "core/domain/error.hpp"
#include "daemon/listener/exchange.hpp"

namespace signwatch::admin {

/// One line of JSON. Bytes that are no UTF-8 are replaced.
std::string text_of(const nlohmann::ordered_json& json);

listener::Answer json_answer(int status, std::string body);

/// {"error": {"code", "message"}}: a code for programs, one sentence without personal data for people.
nlohmann::ordered_json error_json(std::string_view code, std::string_view message);
listener::Answer error_answer(int status, std::string_view code, std::string_view message);

/// 404 for an account that is not configured, 503 for what may pass, 500 for everything else.
listener::Answer answer_to(const Error& error);

/// To something that is no proper request: 400, 413, 431.
listener::Answer answer_to_improper(int status);

}  // namespace signwatch::admin
