#pragma once

#include <string>

#include "core/ports/provider.hpp"
#include "providers/adobe_sign/api_call.hpp"
#include "providers/adobe_sign/config.hpp"
#include "providers/adobe_sign/wire_account.hpp"

/// Whether our webhooks still work: Adobe disables one that does not answer for three days, and what happens until it
/// is enabled again is lost (adobe-signhub 1.8). Pure functions.
namespace signwatch::adobe_sign {

/// One of the configured webhooks.
ApiCall webhook_call(const std::string& id);
/// A page of all of them, those that are disabled too.
ApiCall webhooks_call(const std::string& cursor);

/// Whether one of these is active: enough where none is named.
bool has_active(const std::vector<WireWebhook>& webhooks);

/// The result of a check. While they do not work, and once more when they work again, the sweep is due now.
PollResult health_result(bool works, const Watch& watch, const Settings& settings);

}  // namespace signwatch::adobe_sign
