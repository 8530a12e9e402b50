#pragma once

#include <string>

#include "core/domain/error.hpp"
#include "core/domain/status_update.hpp"
#include "core/domain/watch.hpp"

/// What a failed look says about whom.
namespace signwatch::pipeline {

/// The same look will fail again: it counts towards parking the watch.
bool is_in_vain(const Error& error);

/// Every look of the account would have failed like this one.
bool is_the_account(const Error& error);

/// The update that tells consumers that a process is not looked at any more, because of `code`.
StatusUpdate parked_watch_notice(const Watch& watch, ProviderKind provider, const std::string& code);

}  // namespace signwatch::pipeline
