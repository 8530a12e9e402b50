#include "core/documents/s3/signature_v4.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"

namespace signwatch::s3 {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '~';
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return text;
}

// Outer white space goes, inner runs of it become one space.
std::string trimmed(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const bool space = c == ' ' || c == '\t';
        if (!space)
            result += c;
        else if (!result.empty() && result.back() != ' ')
            result += ' ';
    }
    if (result.ends_with(' ')) result.pop_back();
    return result;
}

std::string text_of(const crypto::Sha256Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

std::string signing_key(const SigningScope& scope, const std::string& day) {
    std::string key = "AWS4" + std::string(scope.secret);
    for (const std::string& part : {day, scope.region, scope.service, std::string("aws4_request")})
        key = text_of(crypto::hmac_sha256(key, part));
    return key;
}

}  // namespace

std::string uri_encode(std::string_view text, bool keep_slash) {
    std::string result;
    for (const char c : text) {
        if (is_unreserved(c) || (keep_slash && c == '/')) {
            result += c;
            continue;
        }
        std::array<char, 4> code{};
        std::snprintf(code.data(), code.size(), "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
        result += code.data();
    }
    return result;
}

std::string canonical_query(const Query& query) {
    std::vector<std::pair<std::string, std::string>> encoded;
    for (const auto& [name, value] : query)
        encoded.emplace_back(uri_encode(name, false), uri_encode(value, false));
    std::ranges::sort(encoded);
    std::string text;
    for (const auto& [name, value] : encoded)
        text += (text.empty() ? "" : "&") + name + "=" + value;
    return text;
}

std::string amz_date(WallTime time) {
    std::string text;
    for (const char c : to_rfc3339(time).substr(0, 19))
        if (c != '-' && c != ':') text += c;
    return text + "Z";
}

std::string authorization(const SigningScope& scope, const SignedParts& parts, WallTime time) {
    std::vector<std::pair<std::string, std::string>> headers;
    for (const HttpHeader& header : parts.headers)
        headers.emplace_back(lower(header.name), trimmed(header.value));
    std::ranges::sort(headers);
    std::string canonical_headers;
    std::string signed_headers;
    for (const auto& [name, value] : headers) {
        canonical_headers += name + ":" + value + "\n";
        signed_headers += (signed_headers.empty() ? "" : ";") + name;
    }
    const std::string request = parts.method + "\n" + parts.path + "\n" + canonical_query(parts.query) + "\n" +
                                canonical_headers + "\n" + signed_headers + "\n" + parts.payload_sha256;
    const std::string date = amz_date(time);
    const std::string day = date.substr(0, 8);
    const std::string credential_scope = day + "/" + scope.region + "/" + scope.service + "/aws4_request";
    const std::string to_sign =
        std::string(algorithm) + "\n" + date + "\n" + credential_scope + "\n" + crypto::sha256_hex(request);
    const std::string signature = crypto::to_hex(crypto::hmac_sha256(signing_key(scope, day), to_sign));
    return std::string(algorithm) + " Credential=" + scope.access_key_id + "/" + credential_scope +
           ", SignedHeaders=" + signed_headers + ", Signature=" + signature;
}

}  // namespace signwatch::s3
