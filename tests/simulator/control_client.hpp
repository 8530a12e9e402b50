#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace signwatch::simulator {

/// Calls a control API, e.g. "http://127.0.0.1:1234" and "/referee". Throws std::runtime_error for any answer but
/// success.
nlohmann::json control_get(const std::string& control, const std::string& path);
nlohmann::json control_post(const std::string& control, const std::string& path, const nlohmann::json& body);

}  // namespace signwatch::simulator
