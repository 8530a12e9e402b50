#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulator/virtual_clock.hpp"

namespace signwatch::simulator::signhub {

/// How a flow ends: `passed` is finished with its last signature no longer needed, `running` never ends.
enum class Ending { finished, passed, declined, cancelled, running };

std::string_view name_of(Ending ending);
std::optional<Ending> ending_named(std::string_view name);

/// Moments of virtual time that never come.
inline constexpr microseconds never = microseconds{INT64_MAX / 4};

/// What a flow will do. Item k acts at `first_change + k * step`; with the last one the flow ends.
struct FlowPlan {
    Ending ending = Ending::finished;
    std::vector<std::uint8_t> types{0};  ///< one for each item: 0 signature, 1 approval, 2 viewer
    microseconds started{};              ///< from then on it is running, before that created
    microseconds first_change{};
    microseconds step{};
    microseconds disagree{};        ///< after its end, its last signature still looks unfinished for that long
    microseconds document_after{};  ///< after its end, its document can be had from then on
};

struct ItemState {
    int status = 1;  ///< 1, 10, 20, 30, 40, 50, 60 (adobe-signhub 2.3)
    std::optional<microseconds> sent;
    std::optional<microseconds> acted;
};

/// What SignHub would tell about a flow at one moment.
struct FlowState {
    int status = 1;  ///< 1 to 6 (2.3)
    std::vector<ItemState> items;
    bool disagrees = false;  ///< says finished, and its items do not
    bool has_document = false;

    bool ended() const { return status >= 4 && !disagrees; }
};

/// `portal_steps`: the signer whose turn it is goes over "portal opened" and "document read".
FlowState state_at(const FlowPlan& plan, microseconds now, bool portal_steps);

/// When the flow ends; `never` if it does not.
microseconds end_of(const FlowPlan& plan);

}  // namespace signwatch::simulator::signhub
