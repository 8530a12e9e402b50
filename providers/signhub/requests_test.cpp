#include "providers/signhub/requests.hpp"

#include <set>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/json/value.hpp"
#include "providers/signhub/test_support.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::signhub {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr const char* root = "https://localhost:8443/signhub";

TEST(SignhubRequests, every_call_has_a_request_id_of_its_own) {
    std::set<std::string> ids;
    for (int i = 0; i < 1'000; ++i) {
        ids.insert(request_id());
        EXPECT_THAT(*ids.begin(), MatchesRegex("[A-Za-z0-9]{21}"));
    }
    EXPECT_EQ(ids.size(), 1'000U);
    EXPECT_THAT(*ids.rbegin(), MatchesRegex("[A-Za-z0-9]{21}"));
}

TEST(SignhubRequests, a_status_is_asked_for_with_the_four_documented_members) {
    const HttpRequest request = status_request(root, "tr", "9223372036854775807");
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url.reveal(), std::string{root} + "/flow/ApiGetFlowStatus");
    const json::Value body = json::parse(request.body);
    EXPECT_EQ(body.names().size(), 4U);
    EXPECT_EQ(body["loginsessionid"].text(), "00000000-0000-0000-0000-000000000000");
    EXPECT_THAT(body["requestid"].text_or_empty(), MatchesRegex("[A-Za-z0-9]{21}"));
    EXPECT_EQ(body["displaylanguage"].text(), "tr");
    EXPECT_EQ(body["flowid"].kind(), json::Value::Kind::number);
    EXPECT_EQ(body["flowid"].integer(), 9'223'372'036'854'775'807);
    EXPECT_EQ(request.max_body, 1U << 20);
}

TEST(SignhubRequests, a_document_is_asked_for_in_the_query) {
    const HttpRequest request = download_request(root, "7001", 50 << 20);
    EXPECT_EQ(request.method, "GET");
    EXPECT_THAT(request.url.reveal(),
                MatchesRegex("https://localhost:8443/signhub/flow/ApiDownloadSignedPdf\\?requestId=[A-Za-z0-9]{21}"
                             "&loginSessionId=00000000-0000-0000-0000-000000000000&flowId=7001"));
    EXPECT_EQ(request.body, "");
    EXPECT_EQ(request.max_body, 50U << 20);
    EXPECT_GE(request.total_timeout, std::chrono::minutes{5});
}

TEST(SignhubRequests, a_document_is_sent_for_verification_as_one_file) {
    const std::string document = "%PDF-1.7\r\n--signwatch\r\n\r\n";
    const HttpRequest request = verification_request(root, document);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url.reveal(), std::string{root} + "/verification/ApiVerifySignaturesPades");
    const std::string& type = request.headers.at(1).value;
    ASSERT_THAT(type, MatchesRegex("multipart/form-data; boundary=signwatch-[A-Za-z0-9]{32}"));
    const std::string boundary = type.substr(type.find('=') + 1);
    EXPECT_EQ(request.body,
              "--" + boundary +
                  "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"document.pdf\"\r\n"
                  "Content-Type: application/pdf\r\n\r\n" +
                  document + "\r\n--" + boundary + "--\r\n");
}

TEST(SignhubRequests, a_document_is_read_from_its_beginning) {
    const signwatch::testing::TempDir directory;
    std::FILE* file = std::fopen(directory.write("document", "%PDF-1.7 text").c_str(), "rb");
    ASSERT_NE(file, nullptr);
    const int descriptor = ::fileno(file);
    ASSERT_EQ(::lseek(descriptor, 4, SEEK_SET), 4);
    EXPECT_EQ(read_document(descriptor, 13), "%PDF-1.7 text");
    EXPECT_EQ(read_document(descriptor, 5), "%PDF-");
    EXPECT_EQ(::lseek(descriptor, 0, SEEK_CUR), 4);
    EXPECT_EQ(testing::code_of([&] { read_document(descriptor, 14); }), "document_read");
    std::fclose(file);
    EXPECT_EQ(testing::code_of([&] { read_document(-1, 1); }), "document_read");
}

}  // namespace
}  // namespace signwatch::signhub
