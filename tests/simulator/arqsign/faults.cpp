#include "tests/simulator/arqsign/faults.hpp"

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
                                                     "link-foreign",      "hook-lost",
                                                     "hook-duplicate",    "hook-reorder",
                                                     "hook-camel-case",   "hook-old-fields",
                                                     "hook-no-id-evento", "hook-minimal",
                                                     "hook-hex-hmac",     "hook-bad-hmac",
                                                     "hook-no-hmac",      "hook-other-account",
                                                     "hook-send-failure"};
    return names;
}

}  // namespace signwatch::simulator
