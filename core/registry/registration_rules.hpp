#pragma once

#include <string>

#include "core/domain/registration.hpp"
#include "core/ports/provider_factory.hpp"

namespace signwatch::registry {

/// What is wrong with a registration and what to do about it, as one sentence; empty if nothing is. `account` is null
/// if no account of that name is configured. Pure.
std::string mistake_in(const Registration& registration, const AccountSettings* account);

/// When a fresh process is looked at first: within its first interval, at a place of its own, so that many registered
/// together are not looked at together.
milliseconds first_look_after(const Registration& registration, milliseconds interval);

}  // namespace signwatch::registry
