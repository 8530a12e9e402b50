#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace signwatch::simulator {

/// Which of a provider's faults are on. Deterministic for one seed and one order of calls.
class FaultSwitches {
public:
    /// `names`: literals, what the command line and the control API call the faults.
    explicit FaultSwitches(std::vector<std::string_view> names, std::uint64_t seed = 1);

    /// "NAME" (always), "NAME:0.2" (probability), "NAME:3" (the next three times), "NAME:each" (once for each one that
    /// it concerns). Throws std::invalid_argument for anything else.
    void set(const std::string& text);
    void clear(std::string_view name);
    void clear_all();

    /// Whether the fault (its place in the list of names) happens now to `whom`.
    bool fires(std::size_t fault, std::int64_t whom = 0);

    nlohmann::json to_json() const;

private:
    enum class Mode { off, always, probability, count, each };
    struct Plan {
        Mode mode = Mode::off;
        double probability = 0;
        std::uint64_t remaining = 0;
        std::set<std::int64_t> seen;
        std::uint64_t fired = 0;
    };
    std::size_t index_of(std::string_view name) const;
    bool decide(Plan& plan, std::int64_t whom);

    std::vector<std::string_view> names_;
    std::vector<Plan> plans_;
    std::mt19937_64 random_;
};

}  // namespace signwatch::simulator
