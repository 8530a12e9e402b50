#pragma once

#include <span>
#include <string_view>

namespace signwatch::simulator::signhub {

/// Every way in which the simulated SignHub can misbehave; README.md has what each one does.
enum class SignhubFault {
    // the form of a status
    no_envelope,
    pascal_case,
    numbers_as_strings,
    enum_names,
    offset_missing,
    byte_order_mark,
    // what a status says
    unknown_status,
    unknown_item_status,
    items_disagree,
    // a success that is none
    error_string,
    error_object,
    error_array,
    error_with_result,
    not_ok,
    html_200,
    empty_200,
    truncated,
    // failures of any call
    unauthorized,
    throttled,
    throttled_until,
    html_503,
    error_500,
    slow,
    cut_before,
    cut_in_body,
    // downloads
    pdf_400,
    pdf_500,
    pdf_json,
    pdf_html,
    pdf_empty,
    pdf_truncated,
    pdf_cut,
    pdf_slow,
    pdf_unsigned,
    // verifications
    verify_500,
    verify_invalid,
    verify_incomplete,
    verify_html,
};

/// Their names on the command line and in the control API, in the order above.
std::span<const std::string_view> signhub_fault_names();

}  // namespace signwatch::simulator::signhub
