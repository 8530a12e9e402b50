#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/http/client_fixture.hpp"

namespace signwatch::http::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct IdentityTest : ClientFixture {
    HttpIdentity who = identity("https://api.example.org");

    static std::string complaint(const HttpIdentity& identity, const std::string& code = "tls_material") {
        try {
            check_identity(identity);
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::permanent);
            EXPECT_EQ(error.code(), code);
            return error.what();
        }
        return "no complaint";
    }
};

TEST_F(IdentityTest, good_files_pass) {
    EXPECT_EQ(complaint(who), "no complaint");
}

TEST_F(IdentityTest, missing_files_are_named) {
    for (std::string HttpIdentity::*member :
         {&HttpIdentity::ca_file, &HttpIdentity::certificate_file, &HttpIdentity::key_file}) {
        HttpIdentity broken = who;
        broken.*member = "/nowhere/this.pem";
        EXPECT_THAT(complaint(broken), AllOf(HasSubstr("/nowhere/this.pem"), HasSubstr("No such file")));
    }
    HttpIdentity broken = who;
    broken.key_file = files.write("e.key", signwatch::testing::encrypt_key(ours.key_pem, "sesame"));
    broken.key_password_file = "/nowhere/password";
    EXPECT_THAT(complaint(broken), HasSubstr("/nowhere/password"));
}

TEST_F(IdentityTest, a_directory_is_not_a_file) {
    who.ca_file = files.path();
    EXPECT_THAT(complaint(who), HasSubstr(files.path().string()));
}

TEST_F(IdentityTest, unparsable_files_are_named) {
    const std::string garbage = files.write("garbage", "not a certificate");
    for (std::string HttpIdentity::*member :
         {&HttpIdentity::ca_file, &HttpIdentity::certificate_file, &HttpIdentity::key_file}) {
        HttpIdentity broken = who;
        broken.*member = garbage;
        EXPECT_THAT(complaint(broken), HasSubstr(garbage));
    }
}

TEST_F(IdentityTest, a_damaged_second_authority_is_not_passed_over) {
    std::string damaged = authority.certificate_pem();
    damaged.replace(100, 4, "!!!!");
    who.ca_file = files.write("two.pem", authority.certificate_pem() + damaged);
    EXPECT_THAT(complaint(who), HasSubstr("damaged"));
}

TEST_F(IdentityTest, key_of_another_certificate_is_noticed) {
    who.key_file = files.write("other.key", authority.issue(organisation("other")).key_pem);
    EXPECT_THAT(complaint(who), AllOf(HasSubstr("other.key"), HasSubstr("is not the key of the certificate")));
}

TEST_F(IdentityTest, passwords_are_told_apart) {
    who.key_file = files.write("e.key", signwatch::testing::encrypt_key(ours.key_pem, "sesame"));
    EXPECT_THAT(complaint(who), AllOf(HasSubstr("e.key"), HasSubstr("no password")));
    who.key_password_file = files.write("password", "simsalabim");
    EXPECT_THAT(complaint(who), AllOf(HasSubstr("e.key"), HasSubstr("cannot be decrypted")));
}

TEST_F(IdentityTest, pkcs12_complaints) {
    who.pkcs12_file = files.write("c.p12", signwatch::testing::to_pkcs12(ours, "sesame"));
    EXPECT_THAT(complaint(who), HasSubstr("one or the other"));
    who.certificate_file = who.key_file = "";
    who.key_password_file = files.write("password", "simsalabim");
    EXPECT_THAT(complaint(who), AllOf(HasSubstr("c.p12"), HasSubstr("password")));
    who.key_password_file = files.write("password", "sesame");
    EXPECT_EQ(complaint(who), "no complaint");
    who.pkcs12_file = files.write("c.p12", "rubbish");
    EXPECT_THAT(complaint(who), AllOf(HasSubstr("c.p12"), HasSubstr("not a PKCS#12 file")));
}

TEST_F(IdentityTest, the_system_store_is_never_a_substitute) {
    who.ca_file = "";
    EXPECT_THAT(complaint(who), HasSubstr("pinned"));
}

TEST_F(IdentityTest, the_system_store_must_be_asked_for) {
    who.ca_file = "";
    who.system_authorities = true;
    EXPECT_EQ(complaint(who), "no complaint");
    EXPECT_EQ(certificate_expiries(who).size(), 1U);
    who.ca_file = "/nowhere/this.pem";
    EXPECT_THAT(complaint(who), HasSubstr("/nowhere/this.pem"));
}

TEST_F(IdentityTest, origins_are_bare) {
    for (const char* origin : {"",
                               "http://a.no",
                               "https://",
                               "https://a.no/path",
                               "https://u@a.no",
                               "https://a.no?q",
                               "a.no",
                               "https://a.no#f",
                               "https://a b.no",
                               "HTTPS://a.no",
                               "https://0x7f.1",
                               "https://a%2eno"}) {
        who.origin = origin;
        EXPECT_NE(complaint(who, "url_refused"), "no complaint") << origin;
    }
    for (const char* origin :
         {"https://a.no", "https://A.no/", "https://a.no:8443", "https://127.0.0.1:1", "https://[::1]:1"}) {
        who.origin = origin;
        EXPECT_EQ(complaint(who), "no complaint") << origin;
    }
}

TEST_F(IdentityTest, the_first_expiry_of_each_kind_is_reported) {
    Subject brief = organisation("brief");
    brief.valid_to = std::chrono::hours(2);
    const KeyPair soon = authority.issue(brief);
    who.certificate_file = files.write("client.pem", soon.certificate_pem);
    who.key_file = files.write("client.key", soon.key_pem);
    const auto expiries = certificate_expiries(who);
    ASSERT_EQ(expiries.size(), 2U);
    EXPECT_EQ(expiries[0].name, "client");
    EXPECT_EQ(expiries[1].name, "ca");
    const auto left = expiries[0].not_after - std::chrono::system_clock::now();
    EXPECT_GT(left, std::chrono::minutes(110));
    EXPECT_LE(left, std::chrono::hours(2));
    EXPECT_GT(expiries[1].not_after, expiries[0].not_after);
    who.certificate_file = who.key_file = "";
    EXPECT_EQ(certificate_expiries(who).size(), 1U);
}

}  // namespace
}  // namespace signwatch::http::testing
