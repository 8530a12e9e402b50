#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/domain/status_update.hpp"
#include "core/ports/provider_factory.hpp"
#include "providers/signhub/status_map.hpp"
#include "providers/signhub/wire.hpp"

/// What a flow's status means in our words (adobe-signhub 2.3 and 2.4). Pure functions.
namespace signwatch::signhub {

/// How this account reads statuses.
struct ReadingRules {
    std::string account;
    StatusMap states;
    std::string time_offset = "+03:00";  ///< of dates without one: Istanbul, all year since 2016
};

/// A .NET date with 0 to 9 digits of a fraction. nullopt for what is none, and for the year 1, which stands for none.
std::optional<WallTime> parse_date(std::string_view text, const std::string& offset);

/// Whether everybody who has to sign has signed, or need not any more (2.4 rule 6). A flow without items tells nothing.
bool all_signed(const WireFlow& flow);

/// Everything but `raw`. `process_id` is what was asked for.
StatusUpdate to_status_update(const WireFlow& flow,
                              const std::string& process_id,
                              const ReadingRules& rules,
                              const Pseudonymise& pseudonymise);

}  // namespace signwatch::signhub
