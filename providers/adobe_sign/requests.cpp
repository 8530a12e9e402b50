#include "providers/adobe_sign/requests.hpp"

#include <algorithm>

#include "core/domain/error.hpp"

namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view prefix = "agreement/";
constexpr std::uint64_t largest_events = 16 << 20;

ApiCall json_call(std::string path) {
    ApiCall call;
    call.path = std::move(path);
    call.headers.push_back({"Accept", "application/json"});
    return call;
}

std::string path_of(const std::string& id) {
    return "/agreements/" + percent_encoded(id);
}

[[noreturn]] void foreign() {
    throw Error(ErrorKind::permanent, "document_foreign", "a document that this provider does not have");
}

}  // namespace

std::string percent_encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || c == '.' || c == '~';
        const auto byte = static_cast<unsigned char>(c);
        if (plain)
            encoded += c;
        else
            encoded.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
    return encoded;
}

ApiCall agreement_call(const std::string& id, const std::string& etag) {
    ApiCall call = json_call(path_of(id));
    if (!etag.empty()) call.headers.push_back({"If-None-Match", etag});
    return call;
}

ApiCall members_call(const std::string& id) {
    return json_call(path_of(id) + "/members");
}

ApiCall events_call(const std::string& id) {
    ApiCall call = json_call(path_of(id) + "/events");
    call.max_body = largest_events;
    return call;
}

ApiCall document_call(const DocumentRef& document, const Settings& settings) {
    const std::string& locator = document.locator.reveal();
    if (!locator.starts_with(prefix)) foreign();
    const std::string id = locator.substr(prefix.size());
    if (!is_agreement_id(id)) foreign();
    ApiCall call;
    call.path = path_of(id);
    switch (document.kind) {
        case DocumentKind::signed_pdf:
            call.path += "/combinedDocument?attachSupportingDocuments=";
            call.path += settings.supporting_documents ? "true" : "false";
            call.path += "&attachAuditReport=false";
            break;
        case DocumentKind::audit_trail:
            call.path += "/auditTrail";
            break;
        case DocumentKind::form_data:
            call.path += "/formData";
            break;
        default:
            foreign();
    }
    const bool csv = document.kind == DocumentKind::form_data;
    call.headers.push_back({"Accept", csv ? "text/csv" : "application/pdf"});
    call.max_body = settings.account_terms.max_document_size;
    // A megabyte per second or five minutes, whichever is longer, plus what the first byte may take.
    call.total_timeout = std::max<milliseconds>(5min, std::chrono::seconds{call.max_body >> 20}) + 1min;
    return call;
}

}  // namespace signwatch::adobe_sign
