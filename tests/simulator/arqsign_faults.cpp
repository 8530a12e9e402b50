#include "tests/simulator/arqsign_faults.hpp"

namespace signwatch::simulator {

const std::vector<std::string_view>& arqsign_fault_names() {
    static const std::vector<std::string_view> names{"status-201",        "pascal-case",
                                                     "old-form",          "no-id-status",
                                                     "english",           "spanish",
                                                     "mojibake",          "mojibake-mac",
                                                     "pending-as-object", "base64-lines",
                                                     "record-missing",    "links-unsupported",
                                                     "errors-as-objects", "errors-as-plain-text",
                                                     "unknown-status",    "status-disagrees",
                                                     "document-missing",  "base64-broken",
                                                     "duplicate-name",    "not-json",
                                                     "error-500",         "html-503",
                                                     "unauthorized",      "quota-429",
                                                     "quota-403",         "slow-body",
                                                     "cut-body",          "link-expired",
                                                     "link-html",         "link-500",
                                                     "link-foreign"};
    return names;
}

}  // namespace signwatch::simulator
