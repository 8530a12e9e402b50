#include "core/documents/s3/signature_v4.hpp"

#include <gtest/gtest.h>

#include "core/crypto/digest.hpp"

namespace signwatch::s3 {
namespace {

struct Vector {
    std::string name;
    std::string method;
    std::string path;
    Query query;
    std::vector<HttpHeader> headers;  ///< besides host and x-amz-date
    std::string body;
    std::string signature;
};

std::string signature_in(const std::string& authorization) {
    return authorization.substr(authorization.rfind('=') + 1);
}

// AWS, "Signature Version 4 test suite": one access key, one date, service "service".
TEST(SignatureV4Test, signs_the_published_test_suite) {
    const std::vector<HttpHeader> none;
    const std::vector<Vector> vectors{
        {"get-vanilla", "GET", "/", {}, none, "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"get-vanilla-empty-query-key",
         "GET",
         "/",
         {{"Param1", "value1"}},
         none,
         "",
         "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
        {"get-vanilla-query-order-key-case",
         "GET",
         "/",
         {{"Param2", "value2"}, {"Param1", "value1"}},
         none,
         "",
         "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
        {"get-unreserved",
         "GET",
         uri_encode("/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", true),
         {},
         none,
         "",
         "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
        {"get-utf8",
         "GET",
         uri_encode("/\u1234", true),
         {},
         none,
         "",
         "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"},
        {"post-vanilla", "POST", "/", {}, none, "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    };
    const SigningScope scope{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service"};
    const WallTime time = *parse_iso8601("2015-08-30T12:36:00Z");
    for (const Vector& vector : vectors) {
        SignedParts parts{vector.method, vector.path, vector.query, vector.headers, crypto::sha256_hex(vector.body)};
        parts.headers.push_back({"Host", "example.amazonaws.com"});
        parts.headers.push_back({"X-Amz-Date", amz_date(time)});
        EXPECT_EQ(signature_in(authorization(scope, parts, time)), vector.signature) << vector.name;
    }
}

// Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header", its four examples.
TEST(SignatureV4Test, signs_the_published_examples_of_s3) {
    const std::vector<Vector> vectors{
        {"get object",
         "GET",
         uri_encode("/test.txt", true),
         {},
         {{"Range", "bytes=0-9"}},
         "",
         "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
        {"put object",
         "PUT",
         uri_encode("/test$file.text", true),
         {},
         {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
         "Welcome to Amazon S3.",
         "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
        {"get bucket lifecycle",
         "GET",
         "/",
         {{"lifecycle", ""}},
         {},
         "",
         "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
        {"list objects",
         "GET",
         "/",
         {{"max-keys", "2"}, {"prefix", "J"}},
         {},
         "",
         "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
    };
    const SigningScope scope{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "us-east-1", "s3"};
    const WallTime time = *parse_iso8601("2013-05-24T00:00:00Z");
    for (const Vector& vector : vectors) {
        const std::string hash = crypto::sha256_hex(vector.body);
        SignedParts parts{vector.method, vector.path, vector.query, vector.headers, hash};
        parts.headers.push_back({"Host", "examplebucket.s3.amazonaws.com"});
        parts.headers.push_back({"x-amz-date", amz_date(time)});
        parts.headers.push_back({"x-amz-content-sha256", hash});
        EXPECT_EQ(signature_in(authorization(scope, parts, time)), vector.signature) << vector.name;
    }
}

TEST(SignatureV4Test, the_whole_header_is_as_published) {
    const SigningScope scope{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service"};
    const WallTime time = *parse_iso8601("2015-08-30T12:36:00Z");
    const SignedParts parts{
        "GET", "/", {}, {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", amz_date(time)}}, crypto::sha256_hex("")};
    EXPECT_EQ(authorization(scope, parts, time),
              "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
              "SignedHeaders=host;x-amz-date, "
              "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST(SignatureV4Test, queries_are_encoded_and_sorted) {
    EXPECT_EQ(canonical_query({}), "");
    EXPECT_EQ(canonical_query({{"uploads", ""}}), "uploads=");
    EXPECT_EQ(canonical_query({{"prefix", "a b/c"}, {"list-type", "2"}}), "list-type=2&prefix=a%20b%2Fc");
}

}  // namespace
}  // namespace signwatch::s3
