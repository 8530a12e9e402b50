#include "core/http/server_organisation.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <vector>

#include <openssl/objects.h>
#include <openssl/x509.h>

namespace signwatch::http {

namespace {

std::string text_of(const ASN1_STRING* value) {
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, value);
    if (size < 0) return {};
    std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
    OPENSSL_free(utf8);
    return text;
}

std::vector<std::string> attributes(const X509* certificate, int kind) {
    std::vector<std::string> values;
    const X509_NAME* subject = X509_get_subject_name(certificate);
    for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, kind, at)) >= 0;) {
        values.push_back(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
    }
    return values;
}

bool contains(const std::vector<std::string>& values, const std::string& wanted) {
    return std::find(values.begin(), values.end(), wanted) != values.end();
}

bool is_organisation_number(const std::string& text) {
    return text.size() == 9 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool word_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
}

bool has_word(std::string_view text, std::string_view word) {
    for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
        const bool starts = at == 0 || !word_character(text[at - 1]);
        const auto end = at + word.size();
        if (starts && (end == text.size() || !word_character(text[end]))) return true;
    }
    return false;
}

}  // namespace

bool names_organisation(const X509* certificate, std::string_view organisation) {
    if (organisation.empty()) return false;
    const std::string number(organisation);
    const auto identifiers = attributes(certificate, NID_organizationIdentifier);
    if (!identifiers.empty()) return contains(identifiers, "NTRNO-" + number);
    const auto serials = attributes(certificate, NID_serialNumber);
    if (std::any_of(serials.begin(), serials.end(), is_organisation_number)) return contains(serials, number);
    const auto names = attributes(certificate, NID_commonName);
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return has_word(name, number); });
}

}  // namespace signwatch::http
