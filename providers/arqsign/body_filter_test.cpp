#include "providers/arqsign/body_filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/crypto/encoding.hpp"
#include "providers/arqsign/test_support.hpp"
#include "providers/arqsign/wire.hpp"

namespace signwatch::arqsign {
namespace {

using testing::MemoryIntake;

const auto pdf = [](int part) { return std::pair{DocumentKind::signed_pdf, part}; };
const auto record = [](int part) { return std::pair{DocumentKind::signature_record, part}; };

void feed(BodyFilter& filter, std::string_view body, std::size_t step) {
    for (std::size_t at = 0; at < body.size(); at += step)
        filter.write(std::as_bytes(std::span{body.substr(at, step)}));
}

std::string refusal(const std::string& body) {
    MemoryIntake intake;
    BodyFilter filter(&intake);
    return testing::code_of([&] { feed(filter, body, 7); });
}

std::string with_document(const std::string& text) {
    return R"({"status":"x","documentos":[{"base64Documento":")" + text + R"("}]})";
}

std::string decoded(const std::string& text) {
    MemoryIntake intake;
    BodyFilter filter(&intake);
    feed(filter, with_document(text), 5);
    return intake.texts()[pdf(1)];
}

TEST(ArqSignBodyFilter, takes_documents_out_however_the_body_is_cut) {
    const std::string body = testing::fixture("concluded.json");
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{64}, body.size()}) {
        MemoryIntake intake;
        BodyFilter filter(&intake);
        feed(filter, body, step);
        const std::map<std::pair<DocumentKind, int>, std::string> expected{
            {pdf(1), "%PDF-1 doc 1"}, {pdf(2), "%PDF-1 doc 2"}, {record(1), "record 1"}, {record(2), "record 2"}};
        EXPECT_EQ(intake.texts(), expected) << step;
        EXPECT_EQ(filter.received().size(), 4U);
        EXPECT_EQ(filter.rest().find("JVBER"), std::string::npos);
        const WireProcess process = parse_process(filter.rest());
        EXPECT_EQ(process.documents.size(), 2U);
        EXPECT_EQ(process.signers.size(), 2U);
    }
}

TEST(ArqSignBodyFilter, leaves_everything_else_as_it_is) {
    const std::string body =
        R"([{"base64Documento":"QQ=="},{"documentos":[{"base64Documento":"QQ=="}]},"\"\\","base64",1.5e3,{}])";
    MemoryIntake intake;
    BodyFilter filter(&intake);
    feed(filter, body, 1);
    EXPECT_EQ(filter.rest(), body);
    EXPECT_TRUE(filter.received().empty());
    BodyFilter other(&intake);
    const std::string nested =
        R"({"a":{"documentos":[{"base64Documento":"QQ=="}]},"documentos":{"base64Documento":"QQ=="}})";
    feed(other, nested, 3);
    EXPECT_EQ(other.rest(), nested);
}

TEST(ArqSignBodyFilter, a_document_that_is_empty_or_null_is_none) {
    MemoryIntake intake;
    BodyFilter filter(&intake);
    feed(
        filter,
        R"({"documentos":[{"base64Documento":""},{"base64Documento":null},{"base64Documento":" \n "},{"BASE64DOCUMENTO ":"QQ=="}]})",
        2);
    ASSERT_EQ(filter.received().size(), 1U);
    EXPECT_EQ(filter.received()[0].part, 4);
    EXPECT_EQ(intake.texts()[pdf(4)], "A");
}

TEST(ArqSignBodyFilter, reads_base64_as_it_is_found) {
    EXPECT_EQ(decoded("QUJD"), "ABC");
    EXPECT_EQ(decoded("QUI="), "AB");
    EXPECT_EQ(decoded("QQ=="), "A");
    EXPECT_EQ(decoded("QU\\r\\nJD\\u000aQQ=\\t="), "ABCA");
    EXPECT_EQ(decoded("Q U\nJD"), "ABC");
    EXPECT_EQ(decoded("\\/\\/\\/\\/++++"), "\xFF\xFF\xFF\xFB\xEF\xBE");
    EXPECT_EQ(decoded("data:application\\/pdf;base64,QUJD"), "ABC");
    EXPECT_EQ(decoded("data"), "\x75\xAB\x5A");
    EXPECT_EQ(decoded("\\u0051\\u0051=="), "A");
    const std::string large(100'000, 'x');
    EXPECT_EQ(decoded(crypto::to_base64(large)), large);
}

TEST(ArqSignBodyFilter, refuses_what_is_not_base64) {
    for (const char* text : {"Q",
                             "QU",
                             "QUJ",
                             "QUJDR",
                             "Q===",
                             "QQ=",
                             "QQ==QQ==",
                             "QR==",
                             "QUJ-",
                             "QUJ_",
                             "%PDF",
                             "QU\\u00e9D",
                             "QU\\\\D",
                             "QU\\\"D",
                             "QU\xC3\xA9",
                             "data:application/pdf",
                             "=",
                             "QU\\bJD"}) {
        EXPECT_EQ(refusal(with_document(text)), "arqsign_base64") << text;
    }
    EXPECT_EQ(refusal(with_document("data:" + std::string(300, 'x') + ",QUJD")), "arqsign_base64");
}

TEST(ArqSignBodyFilter, a_cut_body_is_no_json) {
    const std::string body = testing::fixture("concluded.json");
    for (std::size_t size = 0; size + 2 < body.size(); size += 13) {
        MemoryIntake intake;
        BodyFilter filter(&intake);
        const std::string code = testing::code_of([&] {
            feed(filter, std::string_view(body).substr(0, size), 1'000);
            parse_process(filter.rest());
        });
        EXPECT_EQ(code, "json_syntax") << size;
    }
}

TEST(ArqSignBodyFilter, a_document_cannot_come_twice) {
    EXPECT_EQ(refusal(R"({"documentos":[{"base64Documento":"QQ==","Base64Documento":"QQ=="}]})"),
              "arqsign_document_twice");
    EXPECT_EQ(refusal(R"({"documentos":[{"base64Documento":"QQ=="}],"documentos":[{"base64Documento":"QQ=="}]})"),
              "arqsign_document_twice");
    EXPECT_EQ(refusal(R"({"documentos":[{"base64Documento":"QQ==","\u0062ase64documento":"QQ=="}]})"),
              "arqsign_document_twice");
    EXPECT_EQ(refusal(R"({"documentos":[{"registroAssinaturas":[{"base64":"QQ=="},{"base64":"QQ=="}]}]})"),
              "arqsign_document_twice");
}

TEST(ArqSignBodyFilter, has_limits) {
    EXPECT_EQ(refusal(std::string(100'000, '[')), "json_depth");
    EXPECT_EQ(refusal(std::string(64, '[')), "");
    EXPECT_EQ(refusal("{\"x\":\"" + std::string(3 << 20, 'a') + "\"}"), "json_too_large");
    EXPECT_EQ(refusal("{\"" + std::string(3 << 20, 'a') + "\":1}"), "json_too_large");
    std::string many = R"({"documentos":[)";
    for (int i = 0; i < 600; ++i)
        many += R"({"base64Documento":"QQ=="},)";
    EXPECT_EQ(refusal(many), "json_values");
    EXPECT_EQ(refusal("]]]}}},,,:::"), "");
}

TEST(ArqSignBodyFilter, what_is_not_wanted_is_thrown_away_unread) {
    BodyFilter filter(nullptr);
    feed(filter, testing::fixture("refused.json"), 10);
    EXPECT_TRUE(filter.received().empty());
    EXPECT_EQ(filter.rest().find("not base64"), std::string::npos);
    EXPECT_EQ(parse_process(filter.rest()).signers.size(), 3U);
}

}  // namespace
}  // namespace signwatch::arqsign
