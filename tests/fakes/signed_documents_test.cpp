#include "tests/fakes/signed_documents.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/fakes/child_process.hpp"
#include "tests/fakes/temp_dir.hpp"

// The fakes are judged by pdfsig and xmlsec1, so that our own verifier is not tested against our own mistakes.

namespace signwatch::testing {
namespace {

int count(const std::string& text, const std::string& part) {
    int found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

struct SignedDocumentsTest : ::testing::Test {
    TempDir directory;
    DocumentSigner signer;
};

TEST_F(SignedDocumentsTest, pdfsig_finds_every_signature_valid_and_the_last_covering_all) {
    for (const int signatures : {1, 3}) {
        const auto path = directory.write("signed.pdf", signer.signed_pdf("Avtale (1) \\ 2", 200'000, signatures));
        const RunResult result = run({"pdfsig", "-nocert", path.string()});
        EXPECT_EQ(count(result.output, "Signature is Valid."), signatures) << result.output << result.errors;
        EXPECT_EQ(count(result.output, "- Total document signed"), 1) << result.output;
        EXPECT_EQ(count(result.output, "- Not total document signed"), signatures - 1) << result.output;
    }
}

TEST_F(SignedDocumentsTest, pdfsig_finds_no_signature_in_the_unsigned_page) {
    const auto path = directory.write("plain.pdf", signer.unsigned_pdf("plain"));
    EXPECT_NE(run({"pdfsig", "-nocert", path.string()}).output.find("does not contain any signatures"),
              std::string::npos);
}

TEST_F(SignedDocumentsTest, the_page_shows_the_label) {
    const auto path = directory.write("signed.pdf", signer.signed_pdf("Contract 4711"));
    EXPECT_EQ(count(run({"pdftotext", path.string(), "-"}).output, "Contract 4711"), 1);
}

TEST_F(SignedDocumentsTest, xmlsec_finds_all_references_valid) {
    const std::string label = "a <b> & c";
    const auto path = directory.write("xades.xml", signer.xades(label, 10'000));
    directory.write("document.pdf", "the document of " + label);
    directory.write("manifest.xml", "the manifest of " + label);
    const RunResult result = run({"sh",
                                  "-c",
                                  "cd \"$1\" && xmlsec1 --verify --insecure --id-attr:Id SignedProperties xades.xml",
                                  "sh",
                                  directory.path().string()});
    EXPECT_EQ(result.exit_code, 0) << result.errors;
    EXPECT_EQ(count(result.output + result.errors, "SignedInfo References (ok/all): 3/3"), 1) << result.errors;
}

TEST_F(SignedDocumentsTest, documents_are_unique_and_of_the_wanted_size) {
    std::set<std::string> pdfs;
    std::set<std::string> files;
    for (int i = 0; i < 50; ++i) {
        pdfs.insert(signer.signed_pdf("same words " + std::to_string(i)));
        files.insert(signer.xades("same words " + std::to_string(i)));
    }
    EXPECT_EQ(pdfs.size(), 50U);
    EXPECT_EQ(files.size(), 50U);
    EXPECT_NEAR(static_cast<double>(signer.signed_pdf("size", 200'000).size()), 200'000, 4'000);
    EXPECT_NEAR(static_cast<double>(signer.xades("size", 10'000).size()), 10'000, 200);
}

}  // namespace
}  // namespace signwatch::testing
