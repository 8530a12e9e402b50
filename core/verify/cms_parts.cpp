#include "core/verify/cms_parts.hpp"

#include <climits>
#include <openssl/asn1.h>
#include <openssl/err.h>

namespace signwatch::verify {
namespace {

/// One DER element: its class, tag, and bytes with and without its header.
struct Element {
    int type = 0;
    int tag = 0;
    bool constructed = false;
    std::string_view whole;
    std::string_view content;

    bool is_sequence() const { return type == V_ASN1_UNIVERSAL && tag == V_ASN1_SEQUENCE && constructed; }
    bool is_context(int number) const { return type == V_ASN1_CONTEXT_SPECIFIC && tag == number && constructed; }
};

// Takes the first element off `bytes`; nullopt also for an indefinite length.
std::optional<Element> take_element(std::string_view& bytes) {
    const auto* const begin = reinterpret_cast<const unsigned char*>(bytes.data());
    const unsigned char* at = begin;
    if (bytes.empty() || bytes.size() > INT_MAX) return std::nullopt;
    long length = 0;
    Element element;
    const int form = ASN1_get_object(&at, &length, &element.tag, &element.type, static_cast<long>(bytes.size()));
    if ((form & 0x80) != 0 || (form & 1) != 0) return std::nullopt;
    element.constructed = (form & V_ASN1_CONSTRUCTED) != 0;
    const auto header = static_cast<std::size_t>(at - begin);
    element.content = bytes.substr(header, static_cast<std::size_t>(length));
    element.whole = bytes.substr(0, header + element.content.size());
    bytes.remove_prefix(element.whole.size());
    return element;
}

std::string wrapped(int type, int tag, const std::string& content) {
    const int length = static_cast<int>(content.size());
    const int size = ASN1_object_size(1, length, tag);
    std::string bytes(static_cast<std::size_t>(size), '\0');
    auto* at = reinterpret_cast<unsigned char*>(bytes.data());
    ASN1_put_object(&at, 1, length, tag, type);
    content.copy(reinterpret_cast<char*>(at), content.size());
    return bytes;
}

bool collect_certificates(std::string_view set, std::vector<std::string_view>& certificates) {
    while (!set.empty()) {
        const std::optional<Element> one = take_element(set);
        if (!one) return false;
        if (one->is_sequence()) certificates.push_back(one->whole);  // else an attribute certificate
    }
    return true;
}

// The elements of SignedData, without [0] certificates and [1] crls, which stand in this order, once each.
std::optional<std::string> strip(std::string_view signed_data, std::vector<std::string_view>& certificates) {
    std::string kept;
    int next_carried = 0;
    while (!signed_data.empty()) {
        const std::optional<Element> one = take_element(signed_data);
        if (!one) return std::nullopt;
        if (one->type == V_ASN1_UNIVERSAL) {
            kept += one->whole;
            continue;
        }
        const bool in_order = (one->is_context(0) || one->is_context(1)) && one->tag >= next_carried;
        if (!in_order) return std::nullopt;
        if (one->tag == 0 && !collect_certificates(one->content, certificates)) return std::nullopt;
        next_carried = one->tag + 1;
    }
    return kept;
}

}  // namespace

std::optional<CmsParts> take_apart(std::string_view cms) {
    CmsParts parts;
    const std::optional<Element> information = take_element(cms);
    if (!information || !information->is_sequence()) return std::nullopt;
    std::string_view inside = information->content;
    const std::optional<Element> type = take_element(inside);
    const std::optional<Element> box = take_element(inside);
    if (!type || !box || !box->is_context(0) || !inside.empty()) return std::nullopt;
    std::string_view boxed = box->content;
    const std::optional<Element> signed_data = take_element(boxed);
    if (!signed_data || !signed_data->is_sequence() || !boxed.empty()) return std::nullopt;
    const std::optional<std::string> kept = strip(signed_data->content, parts.certificates);
    if (!kept) return std::nullopt;

    const std::string bare = wrapped(V_ASN1_UNIVERSAL, V_ASN1_SEQUENCE, *kept);
    const std::string bare_box = wrapped(V_ASN1_CONTEXT_SPECIFIC, 0, bare);
    parts.bare = wrapped(V_ASN1_UNIVERSAL, V_ASN1_SEQUENCE, std::string(type->whole) + bare_box);
    parts.size = information->whole.size();
    return parts;
}

}  // namespace signwatch::verify
