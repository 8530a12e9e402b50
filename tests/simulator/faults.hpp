#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace signwatch::simulator {

/// Every way in which the simulator can misbehave; fault_names() has what the command line and the control API call
/// them.
enum class Fault {
    // the permitted time
    time_missing,
    time_malformed,
    time_past,
    time_far_future,
    time_offsetless,
    hidden_gate,
    dos_block,
    // the answer to a poll
    ns4_prefix,
    extra_elements,
    since_missing,
    unknown_signer_status,
    unknown_job_status,
    doctype,
    foreign_urls,
    gzip,
    html_503,
    not_authorized,
    slow_body,
    cut_after_headers,
    // documents
    pades_500,
    pades_html,
    pades_truncated,
    pades_cut,
    pades_empty,
    pades_wrong_type,
    pades_slow,
    xades_500,
    xades_truncated,
    // confirmations
    confirm_500,
    confirm_409,
    confirm_reply_lost,
    confirm_slow,
};
inline constexpr std::size_t fault_count = 32;

const std::array<std::string_view, fault_count>& fault_names();

/// Which faults are on. Deterministic for one seed and one order of calls.
class Faults {
public:
    explicit Faults(std::uint64_t seed = 1) : random_(seed) {}

    /// "NAME" (always), "NAME:0.2" (probability), "NAME:3" (the next three times), "NAME:each" (once for each job).
    /// Throws std::invalid_argument for anything else.
    void set(const std::string& text);
    void clear(std::string_view name);
    void clear_all();

    /// Whether the fault happens now; `job` is whom it concerns.
    bool fires(Fault fault, std::int64_t job = 0);

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
    bool decide(Plan& plan, std::int64_t job);

    std::array<Plan, fault_count> plans_{};
    std::mt19937_64 random_;
};

}  // namespace signwatch::simulator
