#include "tests/simulator/posten/faults.hpp"

namespace signwatch::simulator {

const std::array<std::string_view, fault_count>& fault_names() {
    static constexpr std::array<std::string_view, fault_count> names{"time-missing",
                                                                     "time-malformed",
                                                                     "time-past",
                                                                     "time-far-future",
                                                                     "time-offsetless",
                                                                     "hidden-gate",
                                                                     "dos-block",
                                                                     "ns4-prefix",
                                                                     "extra-elements",
                                                                     "since-missing",
                                                                     "unknown-signer-status",
                                                                     "unknown-job-status",
                                                                     "doctype",
                                                                     "foreign-urls",
                                                                     "gzip",
                                                                     "html-503",
                                                                     "not-authorized",
                                                                     "slow-body",
                                                                     "cut-after-headers",
                                                                     "pades-500",
                                                                     "pades-html",
                                                                     "pades-truncated",
                                                                     "pades-cut",
                                                                     "pades-empty",
                                                                     "pades-wrong-type",
                                                                     "pades-slow",
                                                                     "xades-500",
                                                                     "xades-truncated",
                                                                     "confirm-500",
                                                                     "confirm-409",
                                                                     "confirm-reply-lost",
                                                                     "confirm-slow"};
    return names;
}

}  // namespace signwatch::simulator
