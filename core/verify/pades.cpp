#include "core/verify/pades.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "core/verify/pdf_additions.hpp"
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

constexpr std::array<signed char, 256> hex_values = [] {
    std::array<signed char, 256> values{};
    values.fill(-1);
    for (int i = 0; i < 10; ++i)
        values[static_cast<std::size_t>('0' + i)] = static_cast<signed char>(i);
    for (int i = 0; i < 6; ++i) {
        values[static_cast<std::size_t>('a' + i)] = static_cast<signed char>(10 + i);
        values[static_cast<std::size_t>('A' + i)] = static_cast<signed char>(10 + i);
    }
    return values;
}();

// Whether `text` is the hexadecimal form of exactly `bytes`.
bool spells(std::string_view text, std::string_view bytes) {
    if (text.size() != 2 * bytes.size()) return false;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = hex_values[static_cast<unsigned char>(text[2 * i])];
        const int low = hex_values[static_cast<unsigned char>(text[2 * i + 1])];
        if (high < 0 || low < 0 || high * 16 + low != static_cast<unsigned char>(bytes[i])) return false;
    }
    return true;
}

// Everything between the two ranges is the signature's own hexadecimal string, so nothing else can hide there.
void require_gap_is_contents(std::string_view bytes, const PdfSignature& signature) {
    const std::string_view gap = bytes.substr(signature.gap_begin, signature.gap_end - signature.gap_begin);
    if (gap.size() < 2 || gap.front() != '<' || gap.back() != '>') {
        refuse("pdf_byte_range", "the bytes left out by a signature are not its /Contents");
    }
    if (!spells(gap.substr(1, gap.size() - 2), signature.contents)) {
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

bool covers_whole_file(std::string_view bytes, const PdfSignature& last) {
    const std::string_view tail = bytes.substr(last.end);
    return tail.size() <= tolerated_tail && tail.find_first_not_of(white_space) == std::string_view::npos;
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

std::size_t count_stamps(const std::vector<PdfSignature>& signatures) {
    const auto is_stamp = [](const PdfSignature& s) { return s.format == SignatureFormat::time_stamp; };
    return static_cast<std::size_t>(std::count_if(signatures.begin(), signatures.end(), is_stamp));
}

std::string describe(const std::vector<PdfSignature>& signatures, std::size_t size, bool whole) {
    const std::size_t stamps = count_stamps(signatures);
    std::string text = plural(signatures.size() - stamps, "signature");
    if (stamps > 0) text += " and " + plural(stamps, "time stamp");
    text += signatures.size() == 1 ? ", covering " : ", the last covers ";
    if (whole) return text + "all " + std::to_string(size) + " bytes";
    return text + std::to_string(signatures.back().end) + " of " + std::to_string(size) +
           " bytes, then validation data only";
}

Verification verify_signatures(std::string_view bytes, std::vector<PdfSignature> signatures) {
    const auto by_end = [](const PdfSignature& a, const PdfSignature& b) { return a.end < b.end; };
    std::sort(signatures.begin(), signatures.end(), by_end);
    for (const PdfSignature& signature : signatures)
        require_range(bytes, signature);
    const bool whole = covers_whole_file(bytes, signatures.back());
    if (!whole) require_only_validation_data(bytes, signatures.back().end);
    for (const PdfSignature& signature : signatures)
        verify_signature(bytes, signature);
    const auto proved = static_cast<int>(signatures.size() - count_stamps(signatures));
    return {"application/pdf", describe(signatures, bytes.size(), whole), proved};
}

void require_pdf_frame(std::string_view bytes) {
    if (bytes.substr(0, header_within).find("%PDF-") == std::string_view::npos) {
        if (starts_like_markup(bytes)) refuse("pdf_html", "the document is a web page, XML or JSON, not a PDF");
        refuse("pdf_not_pdf", "the document is not a PDF");
    }
    const std::size_t tail = bytes.size() - std::min(bytes.size(), trailer_within);
    if (bytes.substr(tail).rfind("%%EOF") == std::string_view::npos) refuse("pdf_truncated", "the PDF has no end");
}

}  // namespace

Verification verify_pades(std::string_view bytes) {
    require_pdf_frame(bytes);
    std::vector<PdfSignature> signatures = find_signatures(bytes);
    if (count_stamps(signatures) == signatures.size()) refuse("pdf_unsigned", "the PDF has no signature");
    return verify_signatures(bytes, std::move(signatures));
}

Verification verify_pdf(std::string_view bytes) {
    require_pdf_frame(bytes);
    std::vector<PdfSignature> signatures = find_signatures(bytes);
    if (signatures.empty()) return {"application/pdf", "no PDF signature, " + plural(bytes.size(), "byte"), 0};
    return verify_signatures(bytes, std::move(signatures));
}

}  // namespace signwatch::verify
