#pragma once

#include <string_view>
#include <vector>

namespace signwatch::simulator {

/// Every way in which the imitated ArqSign can misbehave or differ; arqsign_fault_names() has what the command line and
/// the control API call them.
enum class ArqSignFault {
    // the form of answers
    status_201,
    pascal_case,
    old_form,
    no_id_status,
    english,
    spanish,
    mojibake,
    mojibake_mac,
    pending_as_object,
    base64_lines,
    record_missing,
    links_unsupported,
    errors_as_objects,
    errors_as_plain_text,
    // what they say
    unknown_status,
    status_disagrees,
    document_missing,
    base64_broken,
    duplicate_name,
    not_json,
    // failures
    error_500,
    html_503,
    unauthorized,
    quota_429,
    quota_403,
    slow_body,
    cut_body,
    link_expired,
    link_html,
    link_500,
    link_foreign,
    // notifications
    hook_lost,
    hook_duplicate,
    hook_reorder,
    hook_camel_case,
    hook_old_fields,
    hook_no_id_evento,
    hook_minimal,
    hook_hex_hmac,
    hook_bad_hmac,
    hook_no_hmac,
    hook_other_account,
    hook_send_failure,
};

const std::vector<std::string_view>& arqsign_fault_names();

}  // namespace signwatch::simulator
