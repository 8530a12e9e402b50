#pragma once

#include <string>

#include "core/ports/task.hpp"

namespace signwatch {

/// Small values that survive everything: installation key, schedule anchor, an account's OAuth tokens. Part of every
/// StateStore; same errors, same thread.
class Keepsakes {
public:
    virtual ~Keepsakes() = default;

    /// The value kept under a name, made of `value_if_absent` if there is none yet.
    virtual Task<std::string> remember(std::string name, std::string value_if_absent) = 0;
    virtual Task<void> replace(std::string name, std::string value) = 0;
};

}  // namespace signwatch
