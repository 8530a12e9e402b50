#pragma once

#include <string>

namespace signwatch::testing {

/// Validates an event against schema/events/signature.v1.json. Gives an empty string if it is valid, else every mistake
/// found.
std::string event_mistakes(const std::string& json);

}  // namespace signwatch::testing
