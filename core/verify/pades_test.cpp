#include "core/verify/pades.hpp"

#include <cstdint>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "core/verify/document_check.hpp"
#include "core/verify/hostile_pdfs.hpp"
#include "tests/fakes/signed_documents.hpp"

namespace signwatch::verify {
namespace {

/// The error code, or "" if the document is good.
std::string code_of(const std::string& bytes, DocumentKind kind = DocumentKind::pades) {
    try {
        check_document(kind, bytes);
        return "";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::integrity);
        return error.code();
    }
}

struct PadesTest : ::testing::Test {
    signwatch::testing::DocumentSigner signer;
    std::string pdf = signer.signed_pdf("a contract", 40'000);

    std::string with_byte_range(const std::string& text) const {
        const std::size_t at = pdf.find("/ByteRange [");
        const std::size_t end = pdf.find(']', at) + 1;
        std::string padded = "/ByteRange " + text;
        padded.resize(end - at, ' ');
        return std::string(pdf).replace(at, end - at, padded);
    }

    std::size_t gap_begin() const { return pdf.find("/Contents <") + 10; }
    std::size_t gap_end() const { return pdf.find('>', gap_begin()) + 1; }

    std::string ranges(std::int64_t a, std::int64_t b, std::int64_t c) const {
        return "[0 " + std::to_string(a) + " " + std::to_string(b) + " " + std::to_string(c) + "]";
    }
};

TEST_F(PadesTest, one_signature_is_proved) {
    const Verification proved = check_document(DocumentKind::pades, pdf);
    EXPECT_EQ(proved.media_type, "application/pdf");
    EXPECT_EQ(proved.signatures, 1);
    EXPECT_EQ(proved.summary, "1 signature, covering all " + std::to_string(pdf.size()) + " bytes");
}

TEST_F(PadesTest, three_signatures_are_proved) {
    const std::string three = signer.signed_pdf("three", 60'000, 3);
    EXPECT_EQ(check_document(DocumentKind::signed_pdf, three).summary,
              "3 signatures, the last covers all " + std::to_string(three.size()) + " bytes");
}

TEST_F(PadesTest, a_broken_earlier_signature_is_refused) {
    std::string three = signer.signed_pdf("three", 60'000, 3);
    const std::size_t first = three.find("/Contents <") + 300;
    three[first] = three[first] == '0' ? '1' : '0';
    EXPECT_NE(code_of(three), "");
}

TEST_F(PadesTest, what_is_not_a_pdf_is_named) {
    EXPECT_EQ(code_of(""), "document_empty");
    EXPECT_EQ(code_of("<!DOCTYPE html><html><body>Service unavailable</body></html>"), "pdf_html");
    EXPECT_EQ(code_of("\xEF\xBB\xBF\r\n <?xml version=\"1.0\"?><error/>"), "pdf_html");
    EXPECT_EQ(code_of("{\"error\": \"gone\"}"), "pdf_html");
    EXPECT_EQ(code_of("PK\x03\x04 zip"), "pdf_not_pdf");
    EXPECT_EQ(code_of(signer.unsigned_pdf("plain")), "pdf_unsigned");
    EXPECT_EQ(code_of("%PDF-1.7\nrubbish\n%%EOF"), "pdf_malformed");
}

TEST_F(PadesTest, a_pdf_that_need_not_be_signed_says_how_often_it_is) {
    const std::string plain = signer.unsigned_pdf("plain");
    std::string broken = pdf;
    broken[broken.find("stream\n", broken.find("6 0 obj")) + 100] ^= 1;
    for (const DocumentKind kind :
         {DocumentKind::signed_pdf, DocumentKind::signature_record, DocumentKind::audit_trail}) {
        const Verification unsigned_one = check_document(kind, plain);
        EXPECT_EQ(unsigned_one.signatures, 0);
        EXPECT_EQ(unsigned_one.summary, "no PDF signature, " + std::to_string(plain.size()) + " bytes");
        EXPECT_EQ(check_document(kind, pdf).signatures, 1);
        EXPECT_EQ(check_document(kind, signer.signed_pdf("three", 60'000, 3)).signatures, 3);
        // A time stamp is nobody's signature.
        const Verification stamped = check_document(kind, add_time_stamp(plain, /*honest=*/true));
        EXPECT_EQ(stamped.signatures, 0);
        EXPECT_TRUE(stamped.summary.starts_with("0 signatures and 1 time stamp, covering all")) << stamped.summary;
        EXPECT_EQ(code_of(broken, kind), "pdf_digest");
        EXPECT_EQ(code_of(pdf + "\n% more\n%%EOF\n", kind), "pdf_byte_range");
        EXPECT_EQ(code_of(encrypted_pdf(), kind), "pdf_encrypted");
        EXPECT_EQ(code_of("<html></html>", kind), "pdf_html");
    }
}

TEST_F(PadesTest, other_kinds_ask_for_less) {
    EXPECT_EQ(code_of("%PDF-1.7 cut", DocumentKind::audit_trail), "pdf_truncated");
    EXPECT_EQ(code_of("a,b\n1,2\n", DocumentKind::form_data), "");
    EXPECT_EQ(code_of("", DocumentKind::form_data), "document_empty");
}

TEST_F(PadesTest, appended_bytes_are_refused) {
    EXPECT_EQ(code_of(pdf + "\n\n"), "");
    EXPECT_EQ(code_of(pdf + "%comment"), "pdf_byte_range");
    EXPECT_EQ(code_of(pdf + std::string(5, '\n')), "pdf_byte_range");
    EXPECT_EQ(code_of(pdf + "\n9 0 obj\n<< >>\nendobj\n%%EOF\n"), "pdf_byte_range");
}

TEST_F(PadesTest, truncation_anywhere_is_refused) {
    for (std::size_t percent = 0; percent < 100; ++percent) {
        const std::string code = code_of(pdf.substr(0, pdf.size() * percent / 100));
        EXPECT_NE(code, "") << percent << " %";
    }
    EXPECT_EQ(code_of(pdf.substr(0, pdf.size() / 2)), "pdf_truncated");
}

TEST_F(PadesTest, a_flipped_bit_anywhere_is_refused) {
    std::mt19937 random(7);
    const std::size_t stream = pdf.find("stream\n", pdf.find("6 0 obj")) + 7;
    for (int i = 0; i < 200; ++i) {
        std::string changed = pdf;
        const std::size_t at = i < 100 ? stream + random() % 20'000 : random() % pdf.size();
        if (at >= gap_begin() && at < gap_end()) continue;
        changed[at] = static_cast<char>(changed[at] ^ (1 << (random() % 8)));
        const std::string code = code_of(changed);
        if (i < 100)
            EXPECT_EQ(code, "pdf_digest") << at;
        else
            EXPECT_NE(code, "") << at;
    }
}

TEST_F(PadesTest, a_changed_cms_is_refused) {
    std::mt19937 random(11);
    const std::string hex = "0123456789abcdef";
    const std::size_t cms_end = pdf.find("00000000000000000000000000000000", gap_begin());
    const std::set<std::string> expected{"pdf_cms", "pdf_digest"};
    int accepted = 0;
    for (int i = 0; i < 200; ++i) {
        std::string changed = pdf;
        const std::size_t at = gap_begin() + 1 + random() % (cms_end - gap_begin() - 1);
        changed[at] = hex[(hex.find(changed[at]) + 1 + random() % 15) % 16];
        const std::string code = code_of(changed);
        if (code.empty())
            ++accepted;
        else
            EXPECT_TRUE(expected.contains(code)) << code << " at " << at - gap_begin();
    }
    RecordProperty("accepted", accepted);
    // A few bytes of the envelope (version numbers, parameters of algorithms) mean nothing to the proof.
    EXPECT_LT(accepted, 10);
}

TEST_F(PadesTest, a_changed_padding_of_the_cms_is_refused) {
    std::string changed = pdf;
    changed[gap_end() - 2] = '1';
    EXPECT_EQ(code_of(changed), "pdf_cms");
}

TEST_F(PadesTest, impossible_byte_ranges_are_refused) {
    const auto a = static_cast<std::int64_t>(gap_begin());
    const auto b = static_cast<std::int64_t>(gap_end());
    const auto rest = static_cast<std::int64_t>(pdf.size()) - b;
    // Only the blanks around it differ from what was signed.
    EXPECT_EQ(code_of(with_byte_range(ranges(a, b, rest))), "pdf_digest");
    // The reader gives up on a dictionary with such a number.
    EXPECT_EQ(code_of(with_byte_range("[0 1 99999999999999999999 9]")), "pdf_unsigned");
    for (const std::string& text : {std::string("[]"),
                                    std::string("(text)"),
                                    "[1 " + std::to_string(a) + " " + std::to_string(b) + " 9]",
                                    "[0 " + std::to_string(a) + "]",
                                    ranges(a, a, rest),
                                    ranges(b, a, rest),
                                    ranges(a, b, -1),
                                    ranges(-a, b, rest),
                                    ranges(a, b, 0),
                                    ranges(a, b, rest - 10),
                                    ranges(a, b, rest + 1),
                                    ranges(a - 1, b, rest),
                                    ranges(a + 1, b, rest),
                                    ranges(a, b + 1, rest - 1),
                                    ranges(a, b - 1, rest + 1),
                                    ranges(0, b, rest),
                                    std::string("[0 0 0 0]"),
                                    std::string("[0 1 2 9223372036854775807]"),
                                    std::string("[0 1 9223372036854775807 9]"),
                                    std::string("[0 1.5 20 30]"),
                                    std::string("[0 /a /b /c]")}) {
        const std::string code = code_of(with_byte_range(text));
        EXPECT_EQ(code, "pdf_byte_range") << text;
    }
}

TEST_F(PadesTest, a_gap_with_room_for_more_is_refused) {
    const std::size_t begin = gap_begin();
    const std::size_t end = gap_end();
    std::string shadow = pdf;
    shadow.replace(end - 41, 41, "> /Reason (hidden text) /Other <616263> >");
    shadow.resize(pdf.size());
    EXPECT_EQ(code_of(shadow), "pdf_byte_range");
    shadow = pdf;
    shadow[begin + 500] = ' ';
    EXPECT_EQ(code_of(shadow), "pdf_byte_range");
}

TEST_F(PadesTest, a_document_time_stamp_may_come_last) {
    const std::string good = add_time_stamp(pdf, /*honest=*/true);
    EXPECT_EQ(check_document(DocumentKind::pades, good).summary,
              "1 signature and 1 time stamp, the last covers all " + std::to_string(good.size()) + " bytes");
    EXPECT_EQ(code_of(add_time_stamp(pdf, /*honest=*/false)), "pdf_digest");
    EXPECT_EQ(code_of(add_time_stamp(signer.unsigned_pdf("only a stamp"), /*honest=*/true)), "pdf_unsigned");
}

TEST_F(PadesTest, unknown_signature_formats_are_refused) {
    std::string changed = pdf;
    changed.replace(changed.find("/ETSI.CAdES.detached"), 20, "/adbe.pkcs7.sha1    ");
    EXPECT_EQ(code_of(changed), "pdf_cms");
}

TEST_F(PadesTest, encrypted_documents_are_refused) {
    EXPECT_EQ(code_of(encrypted_pdf()), "pdf_encrypted");
}

TEST_F(PadesTest, cycles_and_deep_nesting_end) {
    EXPECT_EQ(code_of(pdf_with_catalog("/AcroForm << /Fields [7 0 R] >>", "<< /FT /Sig /Kids [7 0 R 7 0 R] >>")),
              "pdf_unsigned");
    const std::string nested = std::string(200'000, '[') + std::string(200'000, ']');
    EXPECT_NE(code_of(pdf_with_catalog("/AcroForm << /Fields [7 0 R] >>", nested)), "");
    EXPECT_NE(code_of(pdf_with_catalog("/AcroForm << /Fields " + nested + " >>", "null")), "");
}

}  // namespace
}  // namespace signwatch::verify
