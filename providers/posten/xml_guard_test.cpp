#include "providers/posten/xml_guard.hpp"

#include <random>
#include <sys/resource.h>

#include <gtest/gtest.h>

#include "providers/posten/test_support.hpp"
#include "providers/posten/wire.hpp"

namespace signwatch::posten {
namespace {

using testing::code_of;
using testing::portal_body;
using testing::replaced;

constexpr const char* open_root =
    "<portal-signature-job-status-change-response xmlns=\"http://signering.posten.no/schema/v1\">";
constexpr const char* close_root = "</portal-signature-job-status-change-response>";

std::string repeated(std::string_view text, std::size_t times) {
    std::string result;
    for (std::size_t i = 0; i < times; ++i)
        result += text;
    return result;
}

std::string in_root(const std::string& content) {
    return open_root + content + close_root;
}

std::string guard(const std::string& body) {
    return code_of([&] { guard_xml(body); });
}

std::string parse(const std::string& body) {
    return code_of([&] { parse_update(body); });
}

struct Case {
    const char* name;
    std::string body;
    const char* code;
};

// A good update with one thing wrong.
std::string wrong(const std::string& from, const std::string& to) {
    return replaced(portal_body("IN_PROGRESS", "WAITING"), from, to);
}

std::vector<Case> structural_cases() {
    const std::string nul(1, '\0');
    return {
        {"empty", "", "xml_empty"},
        {"blank", " \n ", "xml_malformed"},
        {"text", "not xml", "xml_malformed"},
        {"json", "{\"a\": 1}", "xml_malformed"},
        {"too large", in_root(std::string(1 << 20, ' ')), "xml_too_large"},
        {"nul", in_root(nul), "xml_nul"},
        {"nul at the end", in_root("") + nul, "xml_nul"},
        {"utf-16", std::string("\xFF\xFE<\0a\0", 6), "xml_encoding"},
        {"control character", in_root("\x01"), "xml_malformed"},
        {"latin-1",
         in_root("bl\xE5"
                 "b\xE6r"),
         "xml_encoding"},
        {"overlong", in_root("\xC0\xAF"), "xml_encoding"},
        {"overlong of three", in_root("\xE0\x80\xAF"), "xml_encoding"},
        {"surrogate", in_root("\xED\xA0\x80"), "xml_malformed"},
        {"beyond unicode", in_root("\xF4\x90\x80\x80"), "xml_malformed"},
        {"cut character", std::string("<a>\xE2\x82"), "xml_encoding"},
        {"noncharacter", in_root("\xEF\xBF\xBF"), "xml_malformed"},
        {"another encoding", "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "xml_encoding"},
        {"utf-16 declared", "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>", "xml_encoding"},
        {"declaration inside", in_root("<?xml version='1.0'?>"), "xml_malformed"},
        {"doctype", "<!DOCTYPE a><a/>", "xml_doctype"},
        {"doctype in lower case", "<!doctype html><html/>", "xml_doctype"},
        {"external entity", "<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><a>&e;</a>", "xml_doctype"},
        {"laughs", "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><l>&b;</l>", "xml_doctype"},
        {"doctype in the root", in_root("<!DOCTYPE a>"), "xml_doctype"},
        {"stray declaration", in_root("<!ELEMENT a ANY>"), "xml_doctype"},
        {"undeclared entity", in_root("&nbsp;"), "xml_entity"},
        {"bare ampersand", in_root("a & b"), "xml_entity"},
        {"reference to nul", in_root("&#0;"), "xml_entity"},
        {"reference to nul in hex", in_root("&#x00;"), "xml_entity"},
        {"reference in a value", "<a b='&#8;'/>", "xml_entity"},
        {"reference to a surrogate", in_root("&#xD800;"), "xml_entity"},
        {"huge reference", in_root("&#99999999;"), "xml_entity"},
        {"endless reference", in_root("&#1111111111111111111111;"), "xml_entity"},
        {"reference without digits", in_root("&#;"), "xml_entity"},
        {"deep", repeated("<a>", 65) + repeated("</a>", 65), "xml_depth"},
        {"deep empty element", repeated("<a>", 64) + "<b/>" + repeated("</a>", 64), "xml_depth"},
        {"wide", in_root(repeated("<a/>", 100'001)), "xml_nodes"},
        {"many comments", in_root(repeated("<!---->", 100'001)), "xml_nodes"},
        {"many attributes", "<a" + repeated(" b='1'", 257) + "/>", "xml_attributes"},
        {"unclosed root", open_root, "xml_malformed"},
        {"closed twice", in_root("") + "</a>", "xml_malformed"},
        {"two roots", in_root("") + in_root(""), "xml_malformed"},
        {"text after", in_root("") + "tail", "xml_malformed"},
        {"cdata after", in_root("") + "<![CDATA[x]]>", "xml_malformed"},
        {"cdata before", "<![CDATA[<!--]]>" + in_root(""), "xml_malformed"},
        {"open comment", in_root("<!-- "), "xml_malformed"},
        {"open cdata", in_root("<![CDATA[ ]]"), "xml_malformed"},
        {"open instruction", in_root("<?a "), "xml_malformed"},
        {"open value", "<a b=\">", "xml_malformed"},
        {"value without quotes", "<a b=c/>", "xml_malformed"},
        {"attribute without a value", "<a b/>", "xml_malformed"},
        {"attributes that touch", "<a b='1'c='2'/>", "xml_malformed"},
        {"less-than in a value", "<a b='<'/>", "xml_malformed"},
        {"name with a digit", "<1a/>", "xml_malformed"},
        {"space before the name", "< a/>", "xml_malformed"},
        {"closing tag with attributes", "<a></a b='1'>", "xml_malformed"},
        {"tag in a tag", "<a <b/>/>", "xml_malformed"},
    };
}

std::vector<Case> meaning_cases() {
    return {
        {"crossed tags", "<a><b></a></b>", "xml_malformed"},
        {"other root", "<html><body>Sign in</body></html>", "xml_root"},
        {"no namespace", wrong(" xmlns=\"http://signering.posten.no/schema/v1\"", ""), "xml_root"},
        {"other version", wrong("schema/v1", "schema/v2"), "xml_root"},
        {"namespace in another case", wrong("http://signering", "http://Signering"), "xml_root"},
        {"undeclared prefix", "<p:portal-signature-job-status-change-response/>", "xml_root"},
        {"request instead of an answer",
         "<portal-signature-job-request xmlns=\"http://signering.posten.no/schema/v1\"/>",
         "xml_root"},
        {"error",
         "<error xmlns=\"http://signering.posten.no/schema/v1\"><error-code>X</error-code></error>",
         "error_body"},
        {"no id", wrong("<signature-job-id>7</signature-job-id>", ""), "xml_field"},
        {"empty id", wrong(">7<", "><"), "xml_field"},
        {"id in text", wrong(">7<", ">seven<"), "xml_field"},
        {"id out of range", wrong(">7<", ">9223372036854775808<"), "xml_field"},
        {"negative id", wrong(">7<", ">-7<"), "xml_field"},
        {"id with a fraction", wrong(">7<", ">7.0<"), "xml_field"},
        {"id in hex", wrong(">7<", ">0x7<"), "xml_field"},
        {"id in an element", wrong(">7<", "><b>7</b><"), "xml_field"},
        {"path in the id", wrong(">7<", ">../../7<"), "xml_field"},
        {"no status", wrong("<status>IN_PROGRESS</status>", ""), "xml_field"},
        {"two ids",
         wrong("<signature-job-id>", "<signature-job-id>8</signature-job-id><signature-job-id>"),
         "xml_duplicate"},
        {"two statuses", wrong("<status>", "<status>FAILED</status><status>"), "xml_duplicate"},
        {"two confirmation urls",
         wrong("<confirmation-url>", "<confirmation-url>https://b/</confirmation-url><confirmation-url>"),
         "xml_duplicate"},
        {"two lists", wrong("<signatures>", "<signatures/><signatures>"), "xml_duplicate"},
        {"two padeses", wrong("<pades-url>", "<pades-url>https://b/</pades-url><pades-url>"), "xml_duplicate"},
        {"two times", wrong("since=", "since='2020-01-01T00:00:00Z' since="), "xml_duplicate"},
        {"long url", wrong("/complete", "/" + std::string(2'000, 'c')), "xml_field"},
        {"long number", wrong(">01010100001<", ">" + std::string(2'000, '1') + "<"), "xml_field"},
        {"long time", wrong("since=\"", "since=\"" + std::string(200, '1')), "xml_field"},
        {"too many signers", wrong("<signatures>", "<signatures>" + repeated("<signature/>", 100)), "signer_count"},
    };
}

TEST(XmlGuard, refuses_each_hostile_body_by_name) {
    const auto cases = structural_cases();
    EXPECT_GE(cases.size(), 50U);
    for (const Case& hostile : cases) {
        EXPECT_EQ(guard(hostile.body), hostile.code) << hostile.name;
        EXPECT_EQ(parse(hostile.body), hostile.code) << hostile.name;
    }
}

TEST(Wire, refuses_each_body_that_is_no_update) {
    for (const Case& hostile : meaning_cases())
        EXPECT_EQ(parse(hostile.body), hostile.code) << hostile.name;
}

TEST(XmlGuard, accepts_what_stays_within_the_limits) {
    EXPECT_EQ(guard(repeated("<a>", 64) + repeated("</a>", 64)), "");
    EXPECT_EQ(guard("<a" + repeated(" b='1'", 256) + "/>"), "");
    EXPECT_EQ(guard(in_root(repeated("<a/>", 99'998))), "");
    EXPECT_EQ(
        guard("\xEF\xBB\xBF<?xml version='1.0' encoding = 'utf-8' ?>\n<!-- c --><?pi?><a>&lt;&#229;&#x1F600;</a>\n"),
        "");
    EXPECT_EQ(guard("<a b=\"it's\" c='\"' d = '>' ><![CDATA[<b>&x;]]></a >"), "");
}

TEST(XmlGuard, a_million_nested_elements_cost_no_memory_and_no_stack) {
    rlimit stack{};
    ::getrlimit(RLIMIT_STACK, &stack);
    const std::string body = repeated("<a>", 1'000'000) + repeated("</a>", 1'000'000);
    rusage before{};
    ::getrusage(RUSAGE_SELF, &before);
    EXPECT_EQ(parse(body), "xml_too_large");
    const std::string fitting = body.substr(0, XmlLimits::bytes);
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(parse(fitting), "xml_depth");
    rusage after{};
    ::getrusage(RUSAGE_SELF, &after);
    EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 4'096);
}

TEST(XmlGuard, the_worst_accepted_body_stays_small_and_quick) {
    // As many elements as allowed, every one of which asks the root for its namespace among as many attributes as
    // allowed.
    std::string root = "<portal-signature-job-status-change-response";
    for (int i = 0; i < 255; ++i)
        root += " xmlns:x" + std::string(1'000, 'y') + std::to_string(i) + "='" + std::string(1'000, 'u') + "'";
    root += " xmlns=\"http://signering.posten.no/schema/v1\">";
    const std::string body = root + repeated("<b/>", 99'990) + close_root;
    ASSERT_LE(body.size(), XmlLimits::bytes);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(parse(body), "xml_field");
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{20});
}

TEST(Wire, a_body_cut_at_any_byte_is_refused) {
    for (const std::string& body : {portal_body("COMPLETED_SUCCESSFULLY", "SIGNED"),
                                    testing::fixture("portal-ns4.xml"),
                                    testing::fixture("direct-whitespace.xml")}) {
        const std::size_t end = body.find_last_of('>');
        for (std::size_t length = 0; length <= end; ++length) {
            ASSERT_NE(parse(body.substr(0, length)), "") << length;
        }
        EXPECT_EQ(parse(body), "");
    }
}

TEST(Wire, damaged_bodies_are_read_or_refused_but_never_worse) {
    std::mt19937 random(20261122);
    const std::string parts[] = {"<",
                                 ">",
                                 "</",
                                 "/>",
                                 "&",
                                 ";",
                                 "\"",
                                 "'",
                                 "<!--",
                                 "-->",
                                 "<![CDATA[",
                                 "]]>",
                                 "<?",
                                 "?>",
                                 "xmlns=''",
                                 "xmlns:p='http://signering.posten.no/schema/v1'",
                                 std::string(1, '\0'),
                                 "\xC3",
                                 "<a>",
                                 "</a>",
                                 "="};
    for (const char* name : {"portal-failed-blocked.xml", "direct-whitespace.xml", "portal-unknown-elements.xml"}) {
        const std::string good = testing::fixture(name);
        for (int round = 0; round < 3'000; ++round) {
            std::string body = good;
            const int edits = 1 + static_cast<int>(random() % 4);
            for (int edit = 0; edit < edits; ++edit) {
                const std::size_t at = random() % body.size();
                const std::size_t length = random() % 3;
                body.replace(at, length, parts[random() % std::size(parts)]);
            }
            try {
                const WireUpdate update = parse_update(body);
                EXPECT_FALSE(update.job_status.empty());
                EXPECT_GE(update.job_id, 0);
            } catch (const Error& error) {
                EXPECT_EQ(error.kind(), ErrorKind::integrity);
                EXPECT_EQ(std::string{error.what()}.find("01010100001"), std::string::npos);
            }
        }
    }
}

TEST(XmlGuard, every_byte_alone_in_a_text_is_judged) {
    for (int byte = 0; byte < 256; ++byte) {
        const std::string code = guard(in_root(std::string(1, static_cast<char>(byte))));
        const bool plain =
            byte == '\t' || byte == '\n' || byte == '\r' || (byte >= 0x20 && byte < 0x80 && byte != '<' && byte != '&');
        EXPECT_EQ(code.empty(), plain) << byte;
    }
}

}  // namespace
}  // namespace signwatch::posten
