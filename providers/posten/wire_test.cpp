#include "providers/posten/wire.hpp"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/posten/test_support.hpp"

namespace signwatch::posten {
namespace {

using testing::code_of;
using testing::direct_body;
using testing::fixture;
using testing::replaced;

std::string text_of(const WireUpdate& update) {
    std::string text = name_of(update.flow) + "|" + std::to_string(update.job_id) + "|" + update.reference + "|" +
                       update.job_status + "|" + update.confirmation_url.reveal() + "|" + update.pades_url.reveal() +
                       "\n";
    for (const WireSigner& signer : update.signers) {
        text += signer.identity.reveal() + "|" + signer.status + "|" + signer.since + "|" + signer.xades_url.reveal() +
                "\n";
    }
    return text;
}

TEST(Wire, reads_a_portal_update) {
    const WireUpdate update = parse_update(fixture("portal-in-progress.xml"));
    const std::string base = "https://api.signering.posten.no/api/123456789/portal/signature-jobs/42/";
    EXPECT_EQ(update.flow, Flow::portal);
    EXPECT_EQ(update.job_id, 42);
    EXPECT_EQ(update.reference, "loan-2026-0042");
    EXPECT_EQ(update.job_status, "IN_PROGRESS");
    EXPECT_EQ(update.confirmation_url.reveal(), base + "complete");
    EXPECT_EQ(update.pades_url.reveal(), base + "pades");
    ASSERT_EQ(update.signers.size(), 3U);
    EXPECT_EQ(update.signers[0].identity.reveal(), "pin:01010100001");
    EXPECT_EQ(update.signers[0].status, "SIGNED");
    EXPECT_EQ(update.signers[0].since, "2026-03-04T11:02:11.1201+01:00");
    EXPECT_EQ(update.signers[0].xades_url.reveal(), base + "xades/1");
    EXPECT_EQ(update.signers[2].identity.reveal(), "contact:|+4790000003");
    EXPECT_TRUE(update.signers[2].xades_url.empty());
}

TEST(Wire, tells_signers_apart_who_share_an_e_mail) {
    const WireUpdate update = parse_update(fixture("portal-failed-blocked.xml"));
    ASSERT_EQ(update.signers.size(), 3U);
    EXPECT_EQ(update.signers[0].identity.reveal(), "contact:family@example.invalid|90000001");
    EXPECT_EQ(update.signers[1].identity.reveal(), "contact:family@example.invalid|90000002");
    EXPECT_EQ(update.signers[2].identity.reveal(), "contact:family@example.invalid|");
}

TEST(Wire, reads_the_prefix_form_of_the_wire) {
    const WireUpdate portal = parse_update(fixture("portal-ns4.xml"));
    EXPECT_EQ(portal.flow, Flow::portal);
    EXPECT_EQ(portal.job_id, 12087);
    EXPECT_EQ(portal.signers.at(0).since, "2018-08-06T06:40:50.713+02:00");
    EXPECT_THAT(portal.pades_url.reveal(), ::testing::EndsWith("/12087/pades"));
    const WireUpdate direct = parse_update(fixture("direct-completed-ns4.xml"));
    EXPECT_EQ(direct.flow, Flow::direct);
    EXPECT_EQ(direct.signers.at(0).identity.reveal(), "pin:01010100001");
    EXPECT_THAT(direct.signers.at(0).xades_url.reveal(), ::testing::EndsWith("/xades/13715"));
    EXPECT_THAT(direct.confirmation_url.reveal(), ::testing::EndsWith("/status/complete"));
}

TEST(Wire, skips_what_it_does_not_know) {
    const WireUpdate update = parse_update(fixture("portal-unknown-elements.xml"));
    EXPECT_EQ(update.job_id, 43);
    EXPECT_THAT(update.confirmation_url.reveal(), ::testing::HasSubstr("api.signering.posten.no"));
    ASSERT_EQ(update.signers.size(), 1U);
    EXPECT_EQ(update.signers[0].status, "TELEPORTED 2.0");
}

TEST(Wire, joins_text_around_comments_and_trims_it) {
    const WireUpdate update = parse_update(fixture("direct-whitespace.xml"));
    EXPECT_EQ(update.job_id, 9223372036854775807);
    EXPECT_EQ(update.reference, "blåbær & bjørk");
    EXPECT_EQ(update.job_status, "COMPLETED_SUCCESSFULLY");
    EXPECT_EQ(update.confirmation_url.reveal(),
              "https://api.signering.posten.no/api/123456789/direct/signature-jobs/9/complete?a=1&b=2");
    ASSERT_EQ(update.signers.size(), 1U);
    EXPECT_TRUE(update.signers[0].identity.empty());
    EXPECT_EQ(update.signers[0].since, "");
    EXPECT_THAT(update.signers[0].xades_url.reveal(), ::testing::EndsWith("/xades/1"));
    EXPECT_THAT(update.pades_url.reveal(), ::testing::EndsWith("/pades"));
}

TEST(Wire, a_direct_update_may_lack_the_confirmation_url) {
    const WireUpdate update = parse_update(fixture("direct-failed.xml"));
    EXPECT_TRUE(update.confirmation_url.empty());
    EXPECT_EQ(update.signers.at(0).identity.reveal(), "custom:123abc");
    EXPECT_FALSE(update.signers.at(0).xades_url.empty());
    EXPECT_TRUE(update.signers.at(1).xades_url.empty());
}

TEST(Wire, joins_each_xades_to_its_signer) {
    const auto without = [](const std::string& body, const std::string& element) {
        return replaced(body, "<" + element + " signer=\"01010100001\"", "<" + element);
    };
    const std::string body = direct_body("IN_PROGRESS", "SIGNED");
    EXPECT_FALSE(parse_update(body).signers.at(0).xades_url.empty());
    EXPECT_FALSE(parse_update(without(body, "status")).signers.at(0).xades_url.empty());
    EXPECT_FALSE(parse_update(without(body, "xades-url")).signers.at(0).xades_url.empty());
    EXPECT_FALSE(parse_update(without(without(body, "status"), "xades-url")).signers.at(0).xades_url.empty());
    EXPECT_FALSE(
        parse_update(replaced(body, "<xades-url signer=\"01010100001\">", "<xades-url signer=\" 01010100001\n\">"))
            .signers.at(0)
            .xades_url.empty());
}

TEST(Wire, a_xades_that_belongs_to_nobody_holds_the_update_back) {
    const std::string stray = "<xades-url signer=\"stranger\">https://localhost:8443/x</xades-url>";
    EXPECT_EQ(code_of([&] { parse_update(direct_body("IN_PROGRESS", "SIGNED", stray)); }), "xades_unmatched");
    const std::string renamed =
        replaced(direct_body("IN_PROGRESS", "SIGNED"), "<xades-url signer=\"01010100001\"", "<xades-url signer=\"b\"");
    EXPECT_EQ(code_of([&] { parse_update(renamed); }), "xades_unmatched");
    const std::string empty = "<xades-url signer=\"stranger\"> </xades-url>";
    EXPECT_EQ(parse_update(direct_body("IN_PROGRESS", "SIGNED", empty)).signers.size(), 1U);
}

TEST(Wire, joins_the_xades_of_equal_signers_to_those_who_signed) {
    const std::string more = "<status signer=\"01010100001\" since=\"2026-03-04T12:00:00+01:00\">SIGNED</status>";
    const WireUpdate update = parse_update(direct_body("IN_PROGRESS", "WAITING", more));
    ASSERT_EQ(update.signers.size(), 2U);
    EXPECT_TRUE(update.signers[0].xades_url.empty());
    EXPECT_FALSE(update.signers[1].xades_url.empty());
}

TEST(Wire, a_long_reference_is_cut_between_characters) {
    std::string reference;
    for (int i = 0; i < 60; ++i)
        reference += "å";
    const std::string body = replaced(fixture("portal-in-progress.xml"), "loan-2026-0042", reference);
    EXPECT_EQ(parse_update(body).reference, reference.substr(0, 100));
    EXPECT_EQ(parse_update(replaced(fixture("portal-in-progress.xml"), "loan-2026-0042", "a\nb\tc")).reference,
              "a b c");
}

TEST(Wire, reads_the_code_of_an_error) {
    EXPECT_EQ(parse_error_code(fixture("error-broker.xml")), "BROKER_NOT_AUTHORIZED");
    EXPECT_EQ(parse_error_code("<p:error xmlns:p='http://signering.posten.no/schema/v1'><p:error-code> NOT_AUTHORIZED\n"
                               "</p:error-code></p:error>"),
              "NOT_AUTHORIZED");
    for (const char* body : {"",
                             "Forbidden",
                             "<!DOCTYPE html><html><body>503</body></html>",
                             "<html></html>",
                             "{}",
                             "<error><error-code>NOT_AUTHORIZED</error-code></error>"}) {
        EXPECT_FALSE(parse_error_code(body)) << body;
    }
    EXPECT_FALSE(parse_error_code(testing::portal_body("FAILED", "EXPIRED")));
}

TEST(Wire, reads_every_published_example) {
    const auto examples = testing::upstream_examples();
    int updates = 0;
    for (const auto& path : examples) {
        const std::string name = path.filename().string();
        const bool update = name.starts_with("status-") && name.find("response") != std::string::npos;
        const std::string code = code_of([&] { parse_update(testing::read_text(path)); });
        EXPECT_EQ(code, update ? "" : "xml_root") << path.filename();
        updates += update ? 1 : 0;
    }
    EXPECT_EQ(updates, examples.empty() ? 0 : 4);
}

// One update written in many ways that mean the same.
class Scribe {
public:
    explicit Scribe(unsigned seed) : random_(seed) {}

    std::string write(bool direct) {
        const std::string root =
            direct ? "direct-signature-job-status-response" : "portal-signature-job-status-change-response";
        return noise() + element(root, "", direct ? direct_content() : portal_content()) + noise();
    }

private:
    std::string direct_content() {
        return element("reference", "", "ref") + element("signature-job-id", "", "5") +
               element("signature-job-status", "", "FAILED") +
               element("status", " signer='a' since='2026-03-04T11:00:00Z'", "SIGNED") +
               element("status", " since='2026-03-04T11:00:00Z' signer='b'", "REJECTED") +
               element("confirmation-url", "", "https://h/c") + element("xades-url", " signer='a'", "https://h/x") +
               element("pades-url", "", "https://h/p");
    }

    std::string portal_content() {
        const std::string signature =
            element("status", " since='2026-03-04T11:00:00Z'", "SIGNED") +
            element("identifier",
                    "",
                    element("email", " address='a@example.invalid'", "") + element("sms", " number='9'", "")) +
            element("xades-url", "", "https://h/x");
        return element("reference", "", "ref") + element("signature-job-id", "", "5") +
               element("status", "", "FAILED") + element("confirmation-url", "", "https://h/c") +
               element("signatures", "", element("signature", "", signature) + element("pades-url", "", "https://h/p"));
    }

    std::string element(const std::string& name, const std::string& attributes, const std::string& content) {
        const std::string prefix = pick({"", "ns4", "a", "xmlnsx", "ÿ"});
        const std::string qualified = prefix.empty() ? name : prefix + ":" + name;
        const std::string binding =
            " xmlns" + (prefix.empty() ? "" : ":" + prefix) + "=\"http://signering.posten.no/schema/v1\"";
        const std::string other = pick({"", " xmlns:zz='urn:x'", " zz='1'"});
        const bool first = random_() % 2 == 0;
        return "<" + qualified + (first ? binding + attributes : attributes + binding) + other + ">" + noise() +
               content + noise() + "</" + qualified + ">";
    }

    std::string noise() { return pick({"", " ", "\n\t", "<!-- <status>SIGNED</status> -->", "<?pi x?>"}); }

    std::string pick(const std::vector<std::string>& choices) { return choices[random_() % choices.size()]; }

    std::mt19937 random_;
};

TEST(Wire, means_the_same_whatever_the_prefixes) {
    for (const bool direct : {false, true}) {
        const std::string expected = text_of(parse_update(Scribe(0).write(direct)));
        EXPECT_THAT(expected, ::testing::HasSubstr("|5|ref|FAILED|https://h/c|https://h/p\n"));
        for (unsigned seed = 1; seed <= 500; ++seed) {
            const std::string body = Scribe(seed).write(direct);
            EXPECT_EQ(text_of(parse_update(body)), expected) << body;
        }
    }
}

}  // namespace
}  // namespace signwatch::posten
