#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tests/simulator/signhub/options.hpp"
#include "tests/simulator/signhub/windows.hpp"

namespace signwatch::simulator::signhub {

/// What a client of SignHub must never do.
enum class Foul {
    wrong_credentials,          ///< a call without the API key, or with another
    looks_too_soon,             ///< a look sooner after an answered one than agreed
    limits_exceeded,            ///< calls beyond a limit of a window
    looks_after_end,            ///< a further look after the end was told twice
    downloads_before_finished,  ///< of a flow that does not say finished
    malformed_calls,            ///< wrong method, path, parameters, or a request id used before
};
inline constexpr std::size_t foul_count = 6;

/// What is counted and is nobody's fault.
enum class Count {
    calls,
    looks,
    looks_failed,              ///< whose answer was spoiled, lost or no success
    looks_soon_after_failure,  ///< sooner than agreed, after such a look
    looks_repeated_at_end,     ///< the first look after the end was told: the client may have been killed in between
    ends_told,
    downloads,
    downloads_too_early,  ///< finished, but the document was not there yet
    verifications,
    throttled,
    unknown_flows,
    faults,
    tls_handshakes,
    tls_handshakes_failed,
};
inline constexpr std::size_t count_count = 14;

/// One flow, and what the client did with it. Times are virtual.
struct Flow {
    std::int64_t id = 0;
    FlowPlan plan;
    std::uint32_t looks = 0;
    std::uint32_t downloads = 0;  ///< whole ones
    microseconds last_look{};
    microseconds shortest_gap = never;
    microseconds longest_gap{};
    bool last_failed = false;
    std::uint8_t end_told = 0;
    std::uint64_t last_request = 0;  ///< hash of its request id
    std::shared_ptr<const std::string> document;
    std::string sha256;

    std::int64_t item_id(std::size_t item) const { return id * 10 + static_cast<std::int64_t>(item) + 1; }
};

/// All flows of the simulated account, and the referee's book. Lives on the simulator's loop.
class SignhubWorld {
public:
    explicit SignhubWorld(const SignhubRules& rules, std::int64_t first_id)
        : rules_(rules), first_id_(first_id), windows_(rules.limits) {}

    Flow& add(FlowPlan plan);
    /// nullptr if there is none.
    Flow* find(std::int64_t id);
    const std::deque<Flow>& flows() const { return flows_; }
    const SignhubRules& rules() const { return rules_; }

    /// Counts a call; false: it is over a limit, and to be refused.
    bool admit(const Moment& now);

    /// Notes a look at a flow before it is answered, and judges when it came.
    void note_look(Flow& flow, std::string_view request_id, const Moment& now);
    /// The look was answered with something else than the flow's state.
    void note_failure(Flow& flow);
    /// The client has been told that the flow has ended.
    void note_end_told(Flow& flow);

    void foul(Foul foul, const Moment& now, std::string detail);
    void count(Count what) { ++counts_[static_cast<std::size_t>(what)]; }
    std::uint64_t count_of(Foul foul) const { return fouls_[static_cast<std::size_t>(foul)]; }
    std::uint64_t count_of(Count what) const { return counts_[static_cast<std::size_t>(what)]; }

    nlohmann::json referee_json(const Moment& now) const;

private:
    struct Entry {
        Foul foul;
        microseconds wall;
        std::string detail;
    };
    nlohmann::json fairness_json(const Moment& now) const;

    SignhubRules rules_;
    std::int64_t first_id_;
    std::deque<Flow> flows_;
    CallWindows windows_;
    std::array<std::uint64_t, foul_count> fouls_{};
    std::array<std::uint64_t, count_count> counts_{};
    std::deque<Entry> entries_;  ///< the newest 200
};

}  // namespace signwatch::simulator::signhub
