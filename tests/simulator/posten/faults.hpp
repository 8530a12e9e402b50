#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tests/simulator/fault_switches.hpp"

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

/// Which faults of Posten are on.
class Faults : public FaultSwitches {
public:
    explicit Faults(std::uint64_t seed = 1) : FaultSwitches({fault_names().begin(), fault_names().end()}, seed) {}

    /// Whether the fault happens now; `job` is whom it concerns.
    bool fires(Fault fault, std::int64_t job = 0) { return FaultSwitches::fires(static_cast<std::size_t>(fault), job); }
};

}  // namespace signwatch::simulator
