#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/domain/error.hpp"
#include "core/json/folding.hpp"
#include "core/json/value.hpp"

namespace signwatch::json {
namespace {

std::string refusal(const std::string& body, const Limits& limits = {}) {
    try {
        parse(body, limits);
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::integrity);
        return error.code();
    }
    return "";
}

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

TEST(Json, reads_names_trimmed_and_without_case) {
    const Value body = parse(R"({"NomeProcesso":"a","ordemDocumento ":7,"documentos":[{"Id":"x"},{"ID":"y"}]})");
    EXPECT_TRUE(body.is_object());
    EXPECT_EQ(body["nomeprocesso"].text(), "a");
    EXPECT_EQ(body["ordemdocumento"].integer(), 7);
    ASSERT_EQ(body["documentos"].items().size(), 2U);
    EXPECT_EQ(body["documentos"].items()[1]["id"].text(), "y");
    EXPECT_THAT(body.names(), ::testing::ElementsAre("nomeprocesso", "ordemdocumento", "documentos"));
}

TEST(Json, what_is_absent_is_null_all_the_way) {
    const Value body = parse(R"({"a":null,"b":3})");
    EXPECT_TRUE(body["a"].is_null());
    EXPECT_TRUE(body["b"]["c"]["d"].is_null());
    EXPECT_TRUE(body["b"].items().empty());
    EXPECT_EQ(body["a"].text(), std::nullopt);
    EXPECT_EQ(body["a"].text_or_empty(), "");
    EXPECT_EQ(body["a"].integer(), std::nullopt);
    EXPECT_EQ(body["a"].boolean(), std::nullopt);
    EXPECT_EQ(body.any_of({"a", "missing", "b"}).integer(), 3);
    EXPECT_TRUE(body.any_of({"a", "missing"}).is_null());
}

TEST(Json, reads_booleans_in_every_spelling) {
    const Value yes = parse(R"([true,"true","True",1,"1"," TRUE "])");
    for (const Value& value : yes.items())
        EXPECT_EQ(value.boolean(), true);
    const Value no = parse(R"([false,"false","FALSE",0,"0"])");
    for (const Value& value : no.items())
        EXPECT_EQ(value.boolean(), false);
    const Value neither = parse(R"([null,"","yes",2,"null",[],{}])");
    for (const Value& value : neither.items())
        EXPECT_EQ(value.boolean(), std::nullopt);
}

TEST(Json, reads_numbers_in_every_spelling) {
    const Value body = parse(R"([4,"4"," 4 ",-4,18446744073709551615,4.5,"4.5","four","",true])");
    const std::vector<Value>& items = body.items();
    EXPECT_EQ(items[0].integer(), 4);
    EXPECT_EQ(items[1].integer(), 4);
    EXPECT_EQ(items[2].integer(), 4);
    EXPECT_EQ(items[3].integer(), -4);
    for (std::size_t i = 4; i < items.size(); ++i)
        EXPECT_EQ(items[i].integer(), std::nullopt) << i;
    EXPECT_EQ(items[4].text(), "18446744073709551615");
    EXPECT_EQ(items[5].text(), "4.5");
    EXPECT_EQ(items[9].text(), "true");
}

TEST(Json, a_body_may_be_a_bare_value) {
    EXPECT_EQ(parse("\xEF\xBB\xBF \"Documento exclu\\u00eddo.\" ").text(), "Documento excluído.");
    EXPECT_TRUE(parse("null").is_null());
    EXPECT_TRUE(parse("[]").is_list());
}

TEST(Json, refuses_what_is_not_json) {
    for (const char* body : {"", " ", "{", "{\"a\":1}x", "<html>", "{'a':1}", "[1,]", "nul", "\"a", "\"\xED\"", "01"})
        EXPECT_EQ(refusal(body), "json_syntax") << body;
    EXPECT_EQ(refusal(std::string("\"a\0b\"", 5)), "json_syntax");
}

TEST(Json, refuses_a_name_that_is_there_twice) {
    EXPECT_EQ(refusal(R"({"status":1,"status":1})"), "json_duplicate_name");
    EXPECT_EQ(refusal(R"({"status":1,"Status ":2})"), "json_duplicate_name");
    EXPECT_EQ(refusal(R"({"a":{"x":1},"b":{"x":1}})"), "");
    EXPECT_EQ(refusal(R"([{"x":{"y":[]}},{"x":1,"z":{},"X":3}])"), "json_duplicate_name");
}

TEST(Json, has_limits) {
    EXPECT_EQ(refusal(nested(64)), "");
    EXPECT_EQ(refusal(nested(65)), "json_depth");
    EXPECT_EQ(refusal(std::string(500'000, '[')), "json_depth");
    EXPECT_EQ(refusal("\"" + std::string(1 << 20, 'a') + "\""), "json_too_large");
    Limits few;
    few.values = 4;
    EXPECT_EQ(refusal("[1,2,3]", few), "");
    EXPECT_EQ(refusal("[1,2,3,4]", few), "json_values");
    EXPECT_EQ(refusal(R"({"a":1,"b":2})", few), "json_values");
    few = {};
    few.members = 2;
    EXPECT_EQ(refusal(R"({"a":1,"b":2})", few), "");
    EXPECT_EQ(refusal(R"({"a":1,"b":2,"c":3})", few), "json_values");
}

TEST(Folding, drops_accents_case_and_separators) {
    EXPECT_EQ(fold_text("Concluído"), "concluido");
    EXPECT_EQ(fold_text("CONCLUI\xCC\x81"
                        "DO"),
              "concluido");
    EXPECT_EQ(fold_text("  Em_Processo- "), "em processo");
    EXPECT_EQ(fold_text("Em\xC2\xA0 processo"), "em processo");
    EXPECT_EQ(fold_text("ÇÃÕéÊüÿŠžÑ"), "caoeeuyszn");
    EXPECT_EQ(fold_text("日本 ß"), "日本 ß");
    EXPECT_EQ(fold_text("a\xFF\xC3"), "a");
    EXPECT_EQ(fold_text(""), "");
    EXPECT_EQ(fold_key(" IdStatus\t"), "idstatus");
    EXPECT_EQ(fold_key("É"), "É");
}

TEST(Folding, a_moment_without_a_zone_is_utc) {
    const auto moment = parse_iso8601("2025-02-14T18:22:40Z");
    for (const char* text : {"2025-02-14T18:22:40",
                             "2025-02-14 18:22:40",
                             " 2025-02-14T18:22:40Z ",
                             "2025-02-14T18:22:40.0000000",
                             "2025-02-14T15:22:40-03:00",
                             "14/02/2025 18:22:40"}) {
        EXPECT_EQ(parse_utc(text), moment) << text;
    }
    EXPECT_EQ(parse_utc("2025-02-14T18:22:40.1234567"), parse_iso8601("2025-02-14T18:22:40.124Z"));
    EXPECT_EQ(parse_utc("14/02/2025 18:22"), parse_iso8601("2025-02-14T18:22:00Z"));
    for (const char* text : {"",
                             "x",
                             "2025-02-14",
                             "0001-01-01T00:00:00",
                             "31/02/2025 00:00:00",
                             "2025-02-14T25:00:00",
                             "14-02-2025 18:22:40",
                             "//////////////////////",
                             "2025-02-14T18:22:40 "
                             "x"}) {
        EXPECT_EQ(parse_utc(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace signwatch::json
