#include "core/verify/pdf_additions.hpp"

#include <functional>

#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "core/verify/document_check.hpp"
#include "core/verify/hostile_pdfs.hpp"
#include "tests/fakes/signed_documents.hpp"

namespace signwatch::verify {
namespace {

const std::string catalog_begin = "<< /Type /Catalog /Pages 2 0 R /SignwatchPadding 6 0 R ";
const std::string form = "/AcroForm << /SigFlags 3 /Fields [8 0 R ] >> ";

std::string code_of(const std::string& bytes) {
    try {
        check_document(DocumentKind::pades, bytes);
        return "";
    } catch (const Error& error) {
        return error.code();
    }
}

PdfObject catalog(const std::string& entries = "/DSS 50 0 R") {
    return {1, catalog_begin + form + entries + " >>"};
}

// What a B-LT writer adds, whose objects the tests then change.
std::vector<PdfObject> validation_data() {
    return {catalog("/DSS 50 0 R /Extensions << /ADBE << /BaseVersion /1.7 /ExtensionLevel 8 >> >>"),
            {50, "<< /Type /DSS /Certs [51 0 R] /OCSPs 52 0 R /CRLs [] /VRI << /0123ABCD 54 0 R >> >>"},
            {51, pdf_stream("certificate")},
            {52, "[53 0 R]"},
            {53, pdf_stream("answer")},
            {54, "<< /Type /VRI /Cert [51 0 R] /OCSP [53 0 R] /TU (D:20260304100211Z) >>"}};
}

struct PdfAdditionsTest : ::testing::Test {
    std::string with(const std::vector<PdfObject>& changed, const std::string& trailer = "") const {
        std::vector<PdfObject> objects = validation_data();
        for (const PdfObject& one : changed) {
            std::erase_if(objects, [&](const PdfObject& object) { return object.number == one.number; });
            objects.push_back(one);
        }
        return add_revision(pdf, objects, trailer);
    }

    signwatch::testing::DocumentSigner signer;
    std::string pdf = signer.signed_pdf("a contract", 30'000);
};

TEST_F(PdfAdditionsTest, validation_data_may_follow_the_last_signature) {
    const std::string longer = with({});
    EXPECT_EQ(check_document(DocumentKind::pades, longer).summary,
              "1 signature, covering " + std::to_string(pdf.size()) + " of " + std::to_string(longer.size()) +
                  " bytes, then validation data only");
    EXPECT_EQ(code_of(with({{1, catalog("/DSS << /Certs [51 0 R] >>").body}, {50, pdf_stream("x")}})),
              "pdf_byte_range");
    EXPECT_EQ(code_of(add_revision(pdf, {catalog("/DSS << /Certs [51 0 R] >>"), {51, pdf_stream("x")}})), "");
}

TEST_F(PdfAdditionsTest, and_a_time_stamp_may_cover_it) {
    const std::string stamped = add_time_stamp(with({}), /*honest=*/true);
    EXPECT_EQ(check_document(DocumentKind::pades, stamped).summary,
              "1 signature and 1 time stamp, the last covers all " + std::to_string(stamped.size()) + " bytes");
}

TEST_F(PdfAdditionsTest, it_may_follow_the_last_of_several_signatures) {
    const std::string three = signer.signed_pdf("three", 40'000, 3);
    const std::string fields = "/AcroForm << /SigFlags 3 /Fields [8 0 R 10 0 R 12 0 R ] >> ";
    const PdfObject root{1, catalog_begin + fields + "/DSS << /Certs [51 0 R] >> >>"};
    EXPECT_EQ(code_of(add_revision(three, {root, {51, pdf_stream("x")}})), "");
    // The first signature's revision with something else after it than the others had.
    const std::size_t first = three.find("%%EOF", three.find("/Contents <")) + 6;
    EXPECT_EQ(code_of(add_revision(three.substr(0, first), {root, {51, pdf_stream("x")}})), "pdf_byte_range");
}

TEST_F(PdfAdditionsTest, a_changed_document_still_fails_its_digest) {
    std::string changed = with({});
    changed[changed.find("stream\n", changed.find("6 0 obj")) + 100] ^= 1;
    EXPECT_EQ(code_of(changed), "pdf_digest");
}

TEST_F(PdfAdditionsTest, nothing_that_was_signed_may_change) {
    const std::string page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 51 0 R /Annots [8 0 R] >>";
    const std::string widget =
        "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature1) /V 7 0 R /AP << /N 53 0 R >> >>";
    EXPECT_EQ(code_of(with({{3, page}})), "pdf_byte_range");
    EXPECT_EQ(code_of(with({{2, "<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>"}})), "pdf_byte_range");
    EXPECT_EQ(code_of(with({{4, pdf_stream("BT /F1 14 Tf 60 760 Td (other words) Tj ET")}})), "pdf_byte_range");
    EXPECT_EQ(code_of(with({{5, "<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"}})), "pdf_byte_range");
    EXPECT_EQ(code_of(with({{8, widget}})), "pdf_byte_range");
}

TEST_F(PdfAdditionsTest, the_catalog_may_gain_validation_data_alone) {
    const std::string dss = "/DSS 50 0 R ";
    for (const std::string& entries : {dss + "/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>",
                                       dss + "/Names << /JavaScript 51 0 R >>",
                                       dss + "/AA << >>",
                                       dss + "/OCProperties << >>",
                                       dss + "/Pages 51 0 R",
                                       dss + "/Extensions 51 0 R",
                                       dss + "/Extensions << /ADBE << /URL 51 0 R >> >>",
                                       std::string("/Extensions << >>")})
        EXPECT_EQ(code_of(with({catalog(entries)})), "pdf_byte_range") << entries;
    const std::string other_pages = "<< /Type /Catalog /Pages 54 0 R /SignwatchPadding 6 0 R ";
    EXPECT_EQ(code_of(with({{1, other_pages + form + dss + ">>"}})), "pdf_byte_range");
    const std::string other_form = "/AcroForm << /SigFlags 3 /Fields [8 0 R ] /XFA 51 0 R >> ";
    EXPECT_EQ(code_of(with({{1, catalog_begin + other_form + dss + ">>"}})), "pdf_byte_range");
    EXPECT_NE(code_of(with({{1, catalog_begin + dss + ">>"}})), "");
}

TEST_F(PdfAdditionsTest, the_security_store_holds_nothing_else) {
    for (const char* store : {"<< /Certs [3 0 R] >>",
                              "<< /Certs [51 0 R] /Metadata 53 0 R >>",
                              "<< /Certs 2 0 R >>",
                              "<< /VRI << /A 3 0 R >> >>",
                              "<< /VRI << /A << /TU 52 0 R >> >> >>",
                              "[51 0 R]",
                              "null"})
        EXPECT_EQ(code_of(with({{50, store}})), "pdf_byte_range") << store;
    EXPECT_EQ(code_of(with({{51, pdf_stream("q Q", "/Type /XObject /Subtype /Form /BBox [0 0 9 9]")}})),
              "pdf_byte_range");
    EXPECT_EQ(code_of(with({{60, "<< /Type /Annot >>"}})), "pdf_byte_range");
}

TEST_F(PdfAdditionsTest, the_trailer_leads_to_the_same_document) {
    EXPECT_EQ(code_of(with({}, "/Info 54 0 R")), "pdf_byte_range");
    EXPECT_EQ(code_of(with({}, "/XRefStm 17")), "pdf_byte_range");
    EXPECT_NE(code_of(with({{60, catalog().body}}, "/Root 60 0 R")), "");
    EXPECT_EQ(code_of(with({}, "/ID [<00><01>]")), "");
}

// A file can be signed while it refers to objects that do not exist yet.
TEST_F(PdfAdditionsTest, a_reference_that_led_nowhere_stays_that_way) {
    const std::string dangling = pdf_with_catalog("/Waiting [ << /Contents 51 0 R >> ]", "null");
    const PdfObject changed{1, "<< /Type /Catalog /Pages 2 0 R /Waiting [ << /Contents 51 0 R >> ] /DSS 50 0 R >>"};
    const std::string filled =
        add_revision(dangling, {changed, {50, "<< /Certs [51 0 R] >>"}, {51, pdf_stream("q Q")}});
    EXPECT_THROW(require_only_validation_data(filled, dangling.size()), Error);
    const std::string free = add_revision(dangling, {changed, {50, "<< /Certs [52 0 R] >>"}, {52, pdf_stream("q Q")}});
    EXPECT_NO_THROW(require_only_validation_data(free, dangling.size()));
}

TEST_F(PdfAdditionsTest, nothing_hides_between_the_objects) {
    const std::string good = with({});
    const std::string hidden = "3 0 obj\n<< /Type /Page >>\nendobj\n";
    EXPECT_EQ(code_of(with({{51, pdf_stream("x\nendstream\nendobj\n" + hidden)}})), "pdf_byte_range");
    EXPECT_EQ(code_of(add_revision(pdf + hidden, validation_data())), "pdf_byte_range");
    EXPECT_EQ(code_of(good + hidden + "%%EOF\n"), "pdf_byte_range");
    EXPECT_EQ(code_of(pdf + "\n% some words\n%%EOF\n"), "pdf_byte_range");
    EXPECT_EQ(code_of(pdf + std::string(5, '\n')), "pdf_byte_range");
    EXPECT_EQ(code_of(add_revision(good, {{51, pdf_stream("once more")}})), "pdf_byte_range");
}

TEST_F(PdfAdditionsTest, a_cut_or_broken_update_is_refused) {
    const std::string good = with({});
    for (std::size_t size = pdf.size() + 5; size + 2 < good.size(); size += 3)
        EXPECT_NE(code_of(good.substr(0, size)), "") << size;
}

}  // namespace
}  // namespace signwatch::verify
