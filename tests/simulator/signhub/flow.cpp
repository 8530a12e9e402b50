#include "tests/simulator/signhub/flow.hpp"

#include <algorithm>
#include <array>
#include <random>

#include "tests/simulator/signhub/options.hpp"

namespace signwatch::simulator::signhub {
namespace {

constexpr std::array<std::string_view, 5> ending_names{"finished", "passed", "declined", "cancelled", "running"};

constexpr int waiting = 10;
constexpr int opened_portal = 20;
constexpr int read_document = 30;
constexpr int finished = 40;
constexpr int declined = 50;
constexpr int not_needed = 60;

microseconds acts_at(const FlowPlan& plan, std::size_t item) {
    if (plan.first_change >= never) return never;
    return plan.first_change + plan.step * static_cast<std::int64_t>(item);
}

microseconds turn_begins(const FlowPlan& plan, std::size_t item) {
    return item == 0 ? plan.started : acts_at(plan, item - 1);
}

int status_in_turn(microseconds begin, microseconds end, microseconds now, bool portal_steps) {
    if (!portal_steps || end >= never) return waiting;
    const microseconds third = (end - begin) / 3;
    if (now >= begin + 2 * third) return read_document;
    return now >= begin + third ? opened_portal : waiting;
}

ItemState item_at(const FlowPlan& plan, std::size_t item, microseconds now, bool portal_steps) {
    const bool last = item + 1 == plan.types.size();
    const microseconds begin = turn_begins(plan, item);
    const microseconds end = last && plan.ending == Ending::running ? never : acts_at(plan, item);
    ItemState state;
    if (now < begin) return state;
    if (now < end || (last && plan.ending == Ending::cancelled)) {
        state.status = status_in_turn(begin, end, now, portal_steps);
        state.sent = begin;
    } else if (last && plan.ending == Ending::passed) {
        state.status = not_needed;
    } else {
        state.status = last && plan.ending == Ending::declined ? declined : finished;
        // Viewers do nothing; the flow goes on without them.
        if (plan.types[item] == 2) state.status = read_document;
        state.sent = begin;
        if (plan.types[item] != 2) state.acted = end;
    }
    return state;
}

int status_at_end(Ending ending) {
    switch (ending) {
        case Ending::declined:
            return 6;
        case Ending::cancelled:
            return 5;
        default:
            return 4;
    }
}

Ending choose(const std::vector<std::pair<Ending, int>>& weights, std::mt19937_64& random) {
    int sum = 0;
    for (const auto& [ending, weight] : weights)
        sum += weight;
    int ticket = std::uniform_int_distribution<>{0, sum - 1}(random);
    for (const auto& [ending, weight] : weights) {
        if (ticket < weight) return ending;
        ticket -= weight;
    }
    return weights.back().first;
}

}  // namespace

std::string_view name_of(Ending ending) {
    return ending_names[static_cast<std::size_t>(ending)];
}

std::optional<Ending> ending_named(std::string_view name) {
    const auto* const found = std::find(ending_names.begin(), ending_names.end(), name);
    if (found == ending_names.end()) return std::nullopt;
    return static_cast<Ending>(found - ending_names.begin());
}

microseconds end_of(const FlowPlan& plan) {
    return plan.ending == Ending::running ? never : acts_at(plan, plan.types.size() - 1);
}

FlowState state_at(const FlowPlan& plan, microseconds now, bool portal_steps) {
    FlowState state;
    state.items.resize(plan.types.size());
    if (now < plan.started) return state;
    state.status = 3;
    for (std::size_t i = 0; i < state.items.size(); ++i)
        state.items[i] = item_at(plan, i, now, portal_steps);
    const microseconds end = end_of(plan);
    if (now < end) return state;
    state.status = status_at_end(plan.ending);
    state.has_document = state.status == 4 && now >= end + plan.document_after;
    state.disagrees = state.status == 4 && now < end + plan.disagree;
    if (state.disagrees) {
        state.items.back().status = read_document;
        state.items.back().acted.reset();
    }
    return state;
}

std::vector<FlowPlan> planned_flows(const SignhubOptions& options) {
    const FlowMix& mix = options.mix;
    std::mt19937_64 random(options.seed);
    std::uniform_real_distribution<> percent(0, 100);
    std::uniform_int_distribution<std::int64_t> when(0, std::max<std::int64_t>(mix.window.count(), 0));
    std::vector<FlowPlan> plans(static_cast<std::size_t>(mix.flows));
    for (FlowPlan& plan : plans) {
        const int items = std::uniform_int_distribution<>{mix.items.first, mix.items.second}(random);
        plan.types.assign(static_cast<std::size_t>(items), 0);
        plan.ending = choose(mix.weights, random);
        plan.first_change = microseconds{when(random)};
        plan.step = mix.step;
        plan.disagree = options.rules.disagree;
        plan.document_after = options.rules.document_after;
        if (percent(random) >= mix.changing) {
            plan.ending = Ending::running;
            plan.first_change = never;
        }
    }
    return plans;
}

}  // namespace signwatch::simulator::signhub
