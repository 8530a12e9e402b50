#pragma once

#include <memory>
#include <vector>

#include "core/config/inbound_settings.hpp"
#include "core/config/judge_account.hpp"
#include "core/config/named_file.hpp"
#include "core/config/tree.hpp"
#include "core/ports/provider_factory.hpp"

namespace signwatch::config {

/// Reads every [[account]] by its provider's factory and reports names given twice and watches polled by two accounts.
/// Accounts with mistakes are left out, and `judge` (if there is one) is asked about the others. `doors` gets the
/// webhook addresses of those that can have one.
std::vector<std::unique_ptr<AccountSettings>> read_accounts(const Table& root,
                                                            const std::vector<const ProviderFactory*>& factories,
                                                            FileChecks checks,
                                                            const JudgeAccount& judge,
                                                            std::vector<WebhookDoor>& doors,
                                                            Diagnostics& diagnostics);

}  // namespace signwatch::config
