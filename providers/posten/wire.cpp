#include "providers/posten/wire.hpp"

#include <algorithm>
#include <charconv>

#include "core/domain/error.hpp"
#include "providers/posten/wire_fields.hpp"

namespace signwatch::posten {

void refuse_field(const char* name, const char* what) {
    throw Error(ErrorKind::integrity, "xml_field", std::string{name} + " " + what);
}

void take_once(std::optional<std::string>& field, pugi::xml_node node) {
    if (field) throw Error(ErrorKind::integrity, "xml_duplicate", "an element is there twice");
    field = text_of(node);
}

std::string required(const std::optional<std::string>& field, const char* name) {
    if (!field || field->empty()) refuse_field(name, "is missing");
    return *field;
}

std::string bounded(const std::optional<std::string>& field, std::size_t most, const char* name) {
    if (!field) return {};
    if (field->size() > most) refuse_field(name, "is too long");
    return *field;
}

std::int64_t job_id_of(const std::string& text) {
    const char* begin = text.data() + (text.starts_with('+') ? 1 : 0);
    const char* end = text.data() + text.size();
    std::int64_t id = 0;
    const auto result = std::from_chars(begin, end, id);
    if (result.ec != std::errc{} || result.ptr != end || id < 0) refuse_field("signature-job-id", "is not an id");
    return id;
}

// At most 50 characters, never half a character, and no control characters.
std::string reference_of(const std::optional<std::string>& text) {
    std::string reference;
    int characters = 0;
    for (const char c : text.value_or("")) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) != 0x80 && ++characters > 50) break;
        reference += byte < 0x20 || byte == 0x7F ? ' ' : c;
    }
    return reference;
}

std::string upper(std::string text) {
    std::ranges::transform(
        text, text.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    return text;
}

WireUpdate parse_update(std::string_view body) {
    const auto document = read_xml(body);
    const pugi::xml_node root = document->document_element();
    const std::string_view name = api_name(root);
    if (name == "portal-signature-job-status-change-response") return parse_portal(root);
    if (name == "direct-signature-job-status-response") return parse_direct(root);
    if (name == "error") throw Error(ErrorKind::integrity, "error_body", "an error where an update was expected");
    throw Error(ErrorKind::integrity, "xml_root", "the root element is not a status update");
}

std::optional<std::string> parse_error_code(std::string_view body) {
    try {
        const auto document = read_xml(body);
        if (api_name(document->document_element()) != "error") return std::nullopt;
        for (const pugi::xml_node child : document->document_element().children()) {
            if (api_name(child) == "error-code") return text_of(child);
        }
    } catch (const Error&) {
        return std::nullopt;  // a gateway's HTML or text tells no code
    }
    return std::nullopt;
}

}  // namespace signwatch::posten
