#include "tests/simulator/fault_switches.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

namespace signwatch::simulator {
namespace {

template <typename Number>
Number number_in(std::string_view text) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw std::invalid_argument("a fault takes a probability (0.2), a count (3) or 'each', not '" +
                                    std::string{text} + "'");
    }
    return value;
}

}  // namespace

FaultSwitches::FaultSwitches(std::vector<std::string_view> names, std::uint64_t seed)
    : names_(std::move(names)), plans_(names_.size()), random_(seed) {}

std::size_t FaultSwitches::index_of(std::string_view name) const {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) throw std::invalid_argument("unknown fault '" + std::string{name} + "'");
    return static_cast<std::size_t>(found - names_.begin());
}

void FaultSwitches::set(const std::string& text) {
    const auto colon = text.find(':');
    const std::size_t index = index_of(std::string_view{text}.substr(0, colon));
    Plan plan;
    if (colon == std::string::npos) {
        plan.mode = Mode::always;
    } else if (const std::string_view argument = std::string_view{text}.substr(colon + 1); argument == "each") {
        plan.mode = Mode::each;
    } else if (argument.find('.') != std::string_view::npos) {
        plan.mode = Mode::probability;
        plan.probability = number_in<double>(argument);
    } else {
        plan.mode = Mode::count;
        plan.remaining = number_in<std::uint64_t>(argument);
    }
    plan.fired = plans_[index].fired;
    plans_[index] = std::move(plan);
}

void FaultSwitches::clear(std::string_view name) {
    plans_[index_of(name)].mode = Mode::off;
}

void FaultSwitches::clear_all() {
    for (Plan& plan : plans_)
        plan.mode = Mode::off;
}

bool FaultSwitches::fires(std::size_t fault, std::int64_t whom) {
    Plan& plan = plans_.at(fault);
    if (plan.mode == Mode::off || !decide(plan, whom)) return false;
    ++plan.fired;
    return true;
}

bool FaultSwitches::decide(Plan& plan, std::int64_t whom) {
    switch (plan.mode) {
        case Mode::off:
            return false;
        case Mode::always:
            return true;
        case Mode::probability:
            return std::uniform_real_distribution<>{}(random_) < plan.probability;
        case Mode::count:
            return plan.remaining > 0 && plan.remaining-- > 0;
        case Mode::each:
            return plan.seen.insert(whom).second;
    }
    return false;
}

nlohmann::json FaultSwitches::to_json() const {
    nlohmann::json result = nlohmann::json::object();
    for (std::size_t i = 0; i < names_.size(); ++i) {
        result[names_[i]] = {{"on", plans_[i].mode != Mode::off}, {"fired", plans_[i].fired}};
    }
    return result;
}

}  // namespace signwatch::simulator
