#include "core/verify/cms_parts.hpp"

#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "core/verify/certificates.hpp"
#include "core/verify/document_check.hpp"
#include "tests/fakes/signed_documents.hpp"

namespace signwatch::verify {
namespace {

std::string from_hex(const std::string& text) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    return bytes;
}

std::string to_hex(const std::string& bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const char each : bytes) {
        const auto byte = static_cast<unsigned char>(each);
        text += digits[byte >> 4U];
        text += digits[byte & 15U];
    }
    return text;
}

struct CmsPartsTest : ::testing::Test {
    signwatch::testing::DocumentSigner signer;
    std::string pdf = signer.signed_pdf("a contract", 40'000);
    std::size_t begin = pdf.find("/Contents <") + 11;
    std::string padded = from_hex(pdf.substr(begin, pdf.find('>', begin) - begin));
    std::string cms = padded.substr(0, take_apart(padded).value().size);

    std::string with_cms(const std::string& other) const {
        std::string hex = to_hex(other);
        hex.resize(2 * padded.size(), '0');
        return std::string(pdf).replace(begin, hex.size(), hex);
    }
};

TEST_F(CmsPartsTest, certificates_are_taken_out_and_the_rest_is_kept) {
    const CmsParts parts = take_apart(cms).value();
    ASSERT_FALSE(parts.certificates.empty());
    EXPECT_EQ(parts.size, cms.size());
    EXPECT_LT(parts.bare.size() + parts.certificates.front().size(), cms.size());
    EXPECT_EQ(parts.bare.find(parts.certificates.front()), std::string::npos);
    EXPECT_EQ(take_apart(parts.bare).value().bare, parts.bare);
    EXPECT_TRUE(certificate_from(parts.certificates.front()));
}

TEST_F(CmsPartsTest, a_signature_without_its_certificate_proves_nothing) {
    EXPECT_THROW(check_document(DocumentKind::pades, with_cms(take_apart(cms).value().bare)), Error);
}

TEST_F(CmsPartsTest, what_is_cut_or_of_another_form_is_left_whole) {
    for (std::size_t size = 0; size < cms.size(); ++size)
        EXPECT_FALSE(take_apart(std::string_view(cms).substr(0, size))) << size;
    EXPECT_FALSE(take_apart("\x30\x03\x02\x01\x01"));
    EXPECT_FALSE(take_apart(std::string_view("\x30\x80\x00\x00", 4)));
}

TEST_F(CmsPartsTest, an_indefinite_length_is_decoded_whole) {
    const std::string endless = std::string("\x30\x80", 2) + cms.substr(4) + std::string(2, '\0');
    ASSERT_EQ(static_cast<unsigned char>(cms[1]), 0x82);
    EXPECT_FALSE(take_apart(endless));
    EXPECT_NO_THROW(check_document(DocumentKind::pades, with_cms(endless)));
}

TEST_F(CmsPartsTest, certificates_are_remembered_by_all_their_bytes) {
    const std::string der(take_apart(cms).value().certificates.front());
    const CertificateHandle first = certificate_from(der);
    EXPECT_EQ(certificate_from(der).get(), first.get());
    std::string changed = der;
    changed.back() = static_cast<char>(changed.back() ^ 1);
    const CertificateHandle other = certificate_from(changed);
    EXPECT_NE(other.get(), first.get());
    EXPECT_FALSE(certificate_from("no certificate"));
    EXPECT_FALSE(certificate_from(std::string(100'000, '0')));
}

TEST_F(CmsPartsTest, many_certificates_push_out_the_old_ones) {
    const std::string der(take_apart(cms).value().certificates.front());
    for (int i = 0; i < 300; ++i) {
        std::string other = der;
        other[other.size() - 1 - static_cast<std::size_t>(i) % 8] = static_cast<char>(i);
        EXPECT_TRUE(certificate_from(other));
    }
    EXPECT_TRUE(certificate_from(der));
}

}  // namespace
}  // namespace signwatch::verify
