#include "providers/arqsign/plans.hpp"

#include <algorithm>
#include <array>

namespace signwatch::arqsign {
namespace {

struct Plan {
    const char* name;
    int per_minute;
    int per_hour;
    int per_month;
};

constexpr Plan plans[] = {
    {"profissional-mensal", 80, 80, 80},
    {"empresarial-mensal", 160, 200, 200},
    {"corporativo-mensal", 240, 400, 400},
    {"profissional-anual", 80, 80, 200},
    {"empresarial-anual", 160, 200, 200},
    {"corporativo-anual", 240, 400, 400},
};

constexpr auto custom_months = std::to_array<int>({600,
                                                   1'200,
                                                   1'800,
                                                   2'400,
                                                   3'000,
                                                   3'600,
                                                   7'200,
                                                   18'000,
                                                   36'000,
                                                   60'000,
                                                   90'000,
                                                   120'000,
                                                   180'000,
                                                   240'000,
                                                   300'000,
                                                   420'000,
                                                   540'000,
                                                   720'000,
                                                   900'000});

std::string custom_name(std::size_t tier) {
    return "custom-" + std::to_string(tier);
}

}  // namespace

std::vector<std::string> plan_names() {
    std::vector<std::string> names;
    for (const Plan& plan : plans)
        names.emplace_back(plan.name);
    for (std::size_t tier = 1; tier <= custom_months.size(); ++tier)
        names.push_back(custom_name(tier));
    return names;
}

CallLimits limits_of_plan(const std::string& name) {
    for (const Plan& plan : plans) {
        if (plan.name == name) return {plan.per_minute, plan.per_hour, 0, plan.per_month};
    }
    for (std::size_t tier = 1; tier <= custom_months.size(); ++tier) {
        if (custom_name(tier) == name)
            return {240, std::min(static_cast<int>(tier), 4) * 600, 0, custom_months[tier - 1]};
    }
    return {};
}

}  // namespace signwatch::arqsign
