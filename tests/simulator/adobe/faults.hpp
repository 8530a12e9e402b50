#pragma once

#include <string_view>
#include <vector>

namespace signwatch::simulator::adobe {

/// Every way in which the imitated Adobe can misbehave or differ; README.md has what each one does.
enum class AdobeFault {
    // the form of answers
    aborted_status,
    unknown_status,
    dates_with_offset,
    dates_compact_offset,
    dates_with_fractions,
    events_reversed,
    downloaded_events,
    quoted_etags,
    cursor_blank,
    next_index_absent,
    base_uris_snake,
    base_uris_404,
    // failures of any call
    throttled,
    throttled_without_body,
    throttled_without_header,
    high_load,
    high_load_other_header,
    error_500,
    html_503,
    unauthorized,
    terms_403,
    not_json,
    slow,
    cut_before,
    cut_in_body,
    stale_304,
    // tokens
    refresh_500,
    refresh_invalid_grant,
    refresh_reply_lost,
    refresh_keeps_token,
    // downloads
    pdf_not_yet,
    pdf_permission_404,
    pdf_truncated,
    pdf_cut,
    pdf_slow,
    pdf_empty,
    pdf_html,
    pdf_unsigned,
    audit_404,
    form_500,
    // notifications
    hook_lost,
    hook_duplicate,
    hook_reorder,
    hook_new_id,
    hook_unknown_event,
    hook_upper_case,
    hook_no_client_id,
    hook_wrong_client_id,
    hook_trimmed_strings,
    hook_trimmed_objects,
    hook_trimmed_strings_on_top,
    hook_trimmed_objects_on_top,
    hook_document,
    hook_huge,
    hook_cut,
    hook_not_json,
};

/// Their names on the command line and in the control API, in the order above.
const std::vector<std::string_view>& adobe_fault_names();

}  // namespace signwatch::simulator::adobe
