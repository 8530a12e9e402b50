#include "core/verify/pades.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "core/verify/pdf_cms.hpp"
#include "core/verify/pdf_signatures.hpp"
#include "core/verify/refuse.hpp"

namespace signwatch::verify {
namespace {

constexpr std::size_t header_within = 1024;
constexpr std::size_t trailer_within = 1024;
constexpr std::size_t tolerated_tail = 4;
constexpr std::string_view white_space("\r\n \t\0", 5);

bool starts_like_markup(std::string_view bytes) {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    const std::size_t first = bytes.find_first_not_of(white_space);
    return first != std::string_view::npos && (bytes[first] == '<' || bytes[first] == '{' || bytes[first] == '[');
}

std::string_view without_tail(std::string_view bytes) {
    for (std::size_t i = 0;
         i < tolerated_tail && !bytes.empty() && white_space.find(bytes.back()) != std::string_view::npos;
         ++i) {
        bytes.remove_suffix(1);
    }
    return bytes;
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

// Everything between the two ranges is the signature's own hexadecimal string, so nothing else can hide there.
void require_gap_is_contents(std::string_view bytes, const PdfSignature& signature) {
    const std::string_view gap = bytes.substr(signature.gap_begin, signature.gap_end - signature.gap_begin);
    if (gap.size() < 2 || gap.front() != '<' || gap.back() != '>') {
        refuse("pdf_byte_range", "the bytes left out by a signature are not its /Contents");
    }
    const std::optional<std::string> inside = from_hex(gap.substr(1, gap.size() - 2));
    if (!inside || *inside != signature.contents) {
        refuse("pdf_byte_range", "the bytes left out by a signature are more than its /Contents");
    }
}

void require_range(std::string_view bytes, const PdfSignature& signature) {
    const bool ordered = signature.gap_begin > 0 && signature.gap_begin < signature.gap_end &&
                         signature.gap_end < signature.end && signature.end <= bytes.size();
    if (!ordered) refuse("pdf_byte_range", "a signature has an impossible /ByteRange");
    require_gap_is_contents(bytes, signature);
    if (!without_tail(bytes.substr(0, signature.end)).ends_with("%%EOF")) {
        refuse("pdf_byte_range", "a signature does not end where a revision of the document ends");
    }
}

void require_whole_file(std::string_view bytes, const PdfSignature& last) {
    const std::string_view tail = bytes.substr(last.end);
    if (tail.size() > tolerated_tail || tail.find_first_not_of(white_space) != std::string_view::npos) {
        refuse("pdf_byte_range", "the last signature does not cover the whole file");
    }
}

void verify_signature(std::string_view bytes, const PdfSignature& signature) {
    const SignedRanges ranges{bytes.substr(0, signature.gap_begin),
                              bytes.substr(signature.gap_end, signature.end - signature.gap_end)};
    if (signature.format == SignatureFormat::time_stamp)
        verify_time_stamp(signature.contents, ranges);
    else
        verify_detached_cms(signature.contents, ranges);
}

std::string plural(std::size_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string describe(const std::vector<PdfSignature>& signatures, std::size_t size) {
    const auto is_stamp = [](const PdfSignature& s) { return s.format == SignatureFormat::time_stamp; };
    const auto stamps = static_cast<std::size_t>(std::count_if(signatures.begin(), signatures.end(), is_stamp));
    std::string text = plural(signatures.size() - stamps, "signature");
    if (stamps > 0) text += " and " + plural(stamps, "time stamp");
    text += signatures.size() == 1 ? ", covering all " : ", the last covers all ";
    return text + std::to_string(size) + " bytes";
}

}  // namespace

void require_pdf_frame(std::string_view bytes) {
    if (bytes.substr(0, header_within).find("%PDF-") == std::string_view::npos) {
        if (starts_like_markup(bytes)) refuse("pdf_html", "the document is a web page, XML or JSON, not a PDF");
        refuse("pdf_not_pdf", "the document is not a PDF");
    }
    const std::size_t tail = bytes.size() - std::min(bytes.size(), trailer_within);
    if (bytes.substr(tail).rfind("%%EOF") == std::string_view::npos) refuse("pdf_truncated", "the PDF has no end");
}

Verification verify_pades(std::string_view bytes) {
    require_pdf_frame(bytes);
    std::vector<PdfSignature> signatures = find_signatures(bytes);
    const auto by_end = [](const PdfSignature& a, const PdfSignature& b) { return a.end < b.end; };
    std::sort(signatures.begin(), signatures.end(), by_end);
    for (const PdfSignature& signature : signatures)
        require_range(bytes, signature);
    require_whole_file(bytes, signatures.back());
    for (const PdfSignature& signature : signatures)
        verify_signature(bytes, signature);
    return {"application/pdf", describe(signatures, bytes.size())};
}

}  // namespace signwatch::verify
