#pragma once

#include <string>

namespace signwatch::testing {

/// Validates an event against schema/events/signature.v1.json. Gives an empty string if it is valid, else every mistake
/// found.
std::string event_mistakes(const std::string& json);

/// The same against schema/events/command.v1.json and schema/events/command-result.v1.json.
std::string command_mistakes(const std::string& json);
std::string command_result_mistakes(const std::string& json);

}  // namespace signwatch::testing
