#include "tests/simulator/signhub/faults.hpp"

#include <array>

namespace signwatch::simulator::signhub {
namespace {

constexpr auto names = std::to_array<std::string_view>({
    "no-envelope",
    "pascal-case",
    "numbers-as-strings",
    "enum-names",
    "offset-missing",
    "byte-order-mark",
    "unknown-status",
    "unknown-item-status",
    "items-disagree",
    "error-string",
    "error-object",
    "error-array",
    "error-with-result",
    "not-ok",
    "html-200",
    "empty-200",
    "truncated",
    "unauthorized",
    "throttled",
    "throttled-until",
    "html-503",
    "error-500",
    "slow",
    "cut-before",
    "cut-in-body",
    "pdf-400",
    "pdf-500",
    "pdf-json",
    "pdf-html",
    "pdf-empty",
    "pdf-truncated",
    "pdf-cut",
    "pdf-slow",
    "pdf-unsigned",
    "verify-500",
    "verify-invalid",
    "verify-incomplete",
    "verify-html",
});
static_assert(names.size() == static_cast<std::size_t>(SignhubFault::verify_html) + 1);

}  // namespace

std::span<const std::string_view> signhub_fault_names() {
    return names;
}

}  // namespace signwatch::simulator::signhub
