#include "providers/signhub/wire.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/signhub/masking.hpp"
#include "providers/signhub/test_support.hpp"

namespace signwatch::signhub {
namespace {

using testing::fixture;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::status_body;

std::string refusal(const std::string& body) {
    return testing::code_of([&] { parse_flow(body); });
}

TEST(SignhubWire, reads_the_documented_members) {
    const WireFlow flow = parse_flow(fixture("running.json"));
    EXPECT_EQ(flow.id, 7001);
    EXPECT_TRUE(flow.status.is(3));
    ASSERT_EQ(flow.items.size(), 2U);
    EXPECT_EQ(flow.items[0].id, "41001");
    EXPECT_EQ(flow.items[0].email.reveal(), "signer1@bank.example");
    EXPECT_EQ(flow.items[0].order, 1);
    EXPECT_TRUE(flow.items[0].status.is(40));
    EXPECT_EQ(flow.items[0].type, 0);
    EXPECT_EQ(flow.items[0].signed_date, "2026-03-04T12:01:44.0000000+03:00");
    EXPECT_TRUE(flow.items[1].status.is(10));
    EXPECT_EQ(flow.items[1].signed_date, "");
}

TEST(SignhubWire, reads_every_spelling_alike) {
    for (const char* name :
         {"finished-pascal-case.json", "finished-no-envelope-texts-no-offset.json", "finished-enum-names.json"}) {
        const WireFlow flow = parse_flow(fixture(name));
        EXPECT_EQ(flow.id, 7001) << name;
        EXPECT_TRUE(flow.status.is(4)) << name;
        ASSERT_EQ(flow.items.size(), 2U) << name;
        for (const WireItem& item : flow.items) {
            EXPECT_TRUE(item.status.is(40)) << name;
            EXPECT_EQ(item.type, 0) << name;
        }
        EXPECT_EQ(flow.items[1].id, "41002") << name;
        EXPECT_EQ(flow.items[1].order, 2) << name;
    }
    EXPECT_TRUE(parse_flow("\xEF\xBB\xBF" + fixture("created.json")).status.is(1));
}

TEST(SignhubWire, reads_every_name_of_an_enumeration) {
    const std::pair<const char*, int> flows[] = {{"Created", 1},
                                                 {"DRAFT", 2},
                                                 {"running", 3},
                                                 {" Finished ", 4},
                                                 {"Cancelled", 5},
                                                 {"FinishedWithDecline", 6},
                                                 {"42", 42}};
    for (const auto& [name, number] : flows)
        EXPECT_EQ(flow_status_number(name), number) << name;
    EXPECT_EQ(flow_status_number("Askıda"), std::nullopt);
    const std::pair<const char*, int> items[] = {{"Default", 1},
                                                 {"Waiting", 10},
                                                 {"OpenedPortal", 20},
                                                 {"ReadDocument", 30},
                                                 {"Finished", 40},
                                                 {"Declined", 50},
                                                 {"Passed", 60}};
    for (const auto& [name, number] : items) {
        const WireFlow flow = parse_flow(status_body("3", "\"" + std::string{name} + "\""));
        EXPECT_TRUE(flow.items[0].status.is(number)) << name;
    }
    const std::pair<const char*, int> types[] = {
        {"0", 0}, {"\"2\"", 2}, {"\"Approve\"", 1}, {"\"viewer\"", 2}, {"\"?\"", -1}, {"null", 0}};
    for (const auto& [written, type] : types) {
        const WireFlow flow = parse_flow(status_body("3", "10", R"(,"flowItemType":)" + std::string{written}));
        EXPECT_EQ(flow.items[0].type, type) << written;
    }
}

TEST(SignhubWire, an_error_in_any_form_is_an_error) {
    const std::string result = R"({"flowId":7001,"status":4,"flowItems":[]})";
    for (const char* error :
         {R"("text")", R"({"message":"m"})", R"({"Code":"C"})", "{}", R"(["a","b"])", "7", "true"}) {
        EXPECT_EQ(refusal(R"({"result":)" + result + R"(,"error":)" + error + "}"), "signhub_error") << error;
        EXPECT_EQ(refusal(R"({"result":null,"error":)" + std::string{error} + "}"), "signhub_error") << error;
        EXPECT_EQ(refusal(R"({"Error":)" + std::string{error} + "}"), "signhub_error") << error;
    }
    for (const char* none : {"null", "\"\"", "\"  \"", "[]", "[null,\"\"]", "0", "false"}) {
        EXPECT_EQ(refusal(R"({"result":)" + result + R"(,"error":)" + none + "}"), "") << none;
    }
    EXPECT_EQ(refusal(R"({"flowId":7001,"status":4,"flowItems":[],"error":null})"), "") << "members beside an error";
    EXPECT_EQ(refusal(R"({"result":{"isOk":false,"startFlowError":"x"},"error":null})"), "signhub_error");
    EXPECT_EQ(refusal(R"({"isSuccess":"False","result":)" + result + "}"), "signhub_error");
    EXPECT_EQ(refusal(R"({"isSuccess":"true","result":)" + result + "}"), "");
}

TEST(SignhubWire, refuses_what_is_no_status) {
    const std::pair<const char*, const char*> cases[] = {
        {"", "json_syntax"},
        {"<html>", "json_syntax"},
        {R"({"result":{"flowId":7001,"status":4)", "json_syntax"},
        {"[]", "json_field"},
        {"7", "json_field"},
        {"null", "json_field"},
        {"{}", "json_field"},
        {R"({"result":null,"error":null})", "json_field"},
        {R"({"result":[],"error":null})", "json_field"},
        {R"({"result":"4"})", "json_field"},
        {R"({"flowId":"seven","status":4})", "json_field"},
        {R"({"flowId":7001.5,"status":4})", "json_field"},
        {R"({"flowId":7001,"status":true})", "json_field"},
        {R"({"flowId":7001,"status":{}})", "json_field"},
        {R"({"flowId":7001,"status":" "})", "json_field"},
        {R"({"flowId":7001,"status":4,"flowItems":{}})", "json_field"},
        {R"({"flowId":7001,"status":4,"flowItems":[7]})", "json_field"},
        {R"({"flowId":7001,"status":4,"flowItems":[{"id":1}]})", "json_field"},
        {R"({"flowId":7001,"status":4,"STATUS":3})", "json_duplicate_name"},
        {R"({"result":{"status":4},"Result":{"status":3}})", "json_duplicate_name"},
    };
    for (const auto& [body, code] : cases)
        EXPECT_EQ(refusal(body), code) << body;
    std::string many = R"({"status":4,"flowItems":[{"status":1})";
    for (int i = 0; i < 200; ++i)
        many += R"(,{"status":1})";
    EXPECT_EQ(refusal(many + "]}"), "signer_count");
    EXPECT_EQ(refusal(std::string(100'000, '[')), "json_depth");
    EXPECT_EQ(refusal(status_body("4", "40", R"(,"eMail":")" + std::string(1'001, 'x') + "\"")), "json_field");
    EXPECT_EQ(refusal(R"({"result":{"status":")" + std::string(1'001, '4') + "\"}}"), "json_field");
}

TEST(SignhubWire, a_body_cut_or_damaged_anywhere_is_read_or_refused_but_never_worse) {
    const std::string body = fixture("finished.json");
    const std::size_t end = body.find_last_of('}');
    for (std::size_t length = 0; length <= end; ++length)
        ASSERT_NE(refusal(body.substr(0, length)), "") << length;
    std::mt19937 random(20261122);
    const std::string parts[] = {"{", "}", "[", "]", "\"", ":", ",", "null", "-1", "1e999", "\\u0000", "\xFF", "true"};
    for (int round = 0; round < 1'500; ++round) {
        std::string damaged = body;
        for (int edit = 0; edit < 3; ++edit)
            damaged.replace(random() % damaged.size(), random() % 3, parts[random() % std::size(parts)]);
        const auto error = testing::error_of([&] { parse_flow(damaged); });
        if (!error) continue;
        EXPECT_EQ(error->kind(), ErrorKind::integrity);
        EXPECT_THAT(error->what(), Not(HasSubstr("bank.example")));
    }
}

TEST(SignhubWire, reads_the_samples_of_the_notes) {
    for (const auto& path : testing::samples("get_flow_status.")) {
        if (path.filename().string().find("request") != std::string::npos) continue;
        const WireFlow flow = parse_flow(testing::read_text(path));
        EXPECT_EQ(flow.id, 7001) << path;
        EXPECT_EQ(flow.items.size(), 2U) << path;
    }
    for (const auto& path : testing::samples("error."))
        EXPECT_EQ(refusal(testing::read_text(path)), "signhub_error") << path;
    for (const auto& path : testing::samples("verify_pades."))
        EXPECT_THAT(parse_summary(testing::read_text(path)), ::testing::AnyOf("ALL_VALID", "CONTAINS_INVALID"));
}

TEST(SignhubWire, of_an_error_only_its_code_word_is_told) {
    EXPECT_EQ(error_word(R"({"error":{"code":"FLOW_LOCKED","message":"Ayşe Örnek"}})"), "FLOW_LOCKED");
    EXPECT_EQ(error_word(R"({"error":{"code":"Ayşe"}})"), "");
    EXPECT_EQ(error_word(R"({"error":{"code":"a@b.example"}})"), "");
    EXPECT_EQ(error_word(R"({"error":"FLOW_LOCKED"})"), "");
    EXPECT_EQ(error_word("<html>"), "");
}

TEST(SignhubWire, of_a_verification_only_the_summary_is_read) {
    for (const std::string word : {"ALL_VALID", "CONTAINS_INVALID", "CONTAINS_INCOMPLETE"}) {
        EXPECT_EQ(parse_summary(R"({"summary":")" + word + "\"}"), word);
        EXPECT_EQ(parse_summary(R"({"result":{"signatureValidations":[],"Summary":")" + word + R"("},"error":null})"),
                  word);
    }
    for (const char* body : {"",
                             "{}",
                             "<html>",
                             R"({"summary":"12345678901"})",
                             R"({"summary":7})",
                             R"({"summary":"ALL_VALID","error":"x"})",
                             R"({"result":null,"error":"x"})"}) {
        EXPECT_EQ(parse_summary(body), "unreadable") << body;
    }
}

TEST(SignhubMasking, keeps_the_shape_and_nobodys_data) {
    const std::string shown = masked(fixture("running.json"));
    for (const char* shape : {"\"result\"", "\"flowItems\"", "\"eMail\": \"*\"", "\"status\": 40", "null"})
        EXPECT_THAT(shown, HasSubstr(shape));
    for (const char* secret : {"bank.example", "signer1", "Ki", "41001", "rnek", "Tamam"})
        EXPECT_THAT(shown, Not(HasSubstr(secret)));
    EXPECT_LE(masked(std::string(100'000, '{')).size(), 2'048U);
    EXPECT_EQ(masked("<html><body class=x>Mehmet 10000000146</body>"), "<html*<body*</body*");
    EXPECT_EQ(masked("Mehmet a@b.example"), "*");
    EXPECT_EQ(masked(R"({"x":"a@b.example)"), R"({"x":"*")");
    EXPECT_EQ(masked(R"({"a@b.example":1,"n":12345678901,"k":"a\"b"})"), R"({"*":1,"n":*,"k":"*"})");
    EXPECT_EQ(masked(""), "");
}

}  // namespace
}  // namespace signwatch::signhub
