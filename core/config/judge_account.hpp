#pragma once

#include <functional>
#include <string>

#include "core/ports/provider_factory.hpp"

namespace signwatch::config {

/// What is wrong with the files that make up an account's identity; empty: nothing.
using JudgeAccount = std::function<std::string(const AccountSettings& account)>;

}  // namespace signwatch::config
