#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <span>
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

/// Which faults are on. Deterministic for one seed and one order of calls. Each provider has an enumeration of its own,
/// whose names are given here in its order; without them they are Posten's.
class Faults {
public:
    explicit Faults(std::uint64_t seed = 1, std::span<const std::string_view> names = fault_names());

    /// "NAME" (always), "NAME:0.2" (probability), "NAME:3" (the next three times), "NAME:each" (once for each job).
    /// Throws std::invalid_argument for anything else.
    void set(const std::string& text);
    void clear(std::string_view name);
    void clear_all();

    /// Whether the fault happens now; `job` is whom it concerns.
    template <typename Enum>
    bool fires(Enum fault, std::int64_t job = 0) {
        return fires_at(static_cast<std::size_t>(fault), job);
    }

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
    bool fires_at(std::size_t index, std::int64_t job);
    bool decide(Plan& plan, std::int64_t job);

    std::span<const std::string_view> names_;
    std::vector<Plan> plans_;
    std::mt19937_64 random_;
};

}  // namespace signwatch::simulator
