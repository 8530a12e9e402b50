#pragma once

#include <string>
#include <vector>

#include "core/ports/provider.hpp"

namespace signwatch::arqsign {

/// The plans that ArqSign sells (posten-arqsign 2.9): "profissional-mensal" ... "corporativo-anual", and the tiers of
/// the custom plan, "custom-1" to "custom-19".
std::vector<std::string> plan_names();

/// What a plan allows; no limits for a name that is none.
CallLimits limits_of_plan(const std::string& name);

}  // namespace signwatch::arqsign
