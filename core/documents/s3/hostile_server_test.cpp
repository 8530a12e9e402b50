#include <algorithm>
#include <atomic>
#include <mutex>

#include <gtest/gtest.h>

#include "core/crypto/digest.hpp"
#include "core/documents/s3/answer_xml.hpp"
#include "core/documents/s3/s3_document_store.hpp"
#include "core/domain/error.hpp"
#include "core/http/client_factory.hpp"
#include "core/http/test_server.hpp"
#include "core/runtime/system_clock.hpp"
#include "tests/contract/loop.hpp"
#include "tests/fakes/temp_dir.hpp"

// A server that answers as no S3 should. The script is told the request line's method and target.
namespace signwatch::s3 {
namespace {

using http::testing::ServerConnection;
using http::testing::ServerRequest;
using http::testing::TestServer;

constexpr std::string_view dated = "Last-Modified: Wed, 04 Mar 2026 10:00:00 GMT\r\n";

std::string error_xml(const std::string& code) {
    return "<?xml version=\"1.0\"?><Error><Code>" + code + "</Code><Message>m</Message></Error>";
}

class StringSink : public DocumentSink {
public:
    void write(std::span<const std::byte> bytes) override {
        content.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    std::string content;
};

std::string code_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        return error.code();
    }
    return {};
}

class HostileServerTest : public ::testing::Test {
protected:
    using Script = std::function<void(const std::string& method, const std::string& target, ServerConnection&)>;

    void serve(Script script) {
        signwatch::testing::Subject subject;
        subject.common_name = "s3";
        subject.dns_names = {"localhost"};
        server_.emplace(TestServer::Options{authority_.issue(subject), ""},
                        [this, script](const ServerRequest& request, ServerConnection& connection) {
                            const std::string line = request.head.substr(0, request.head.find('\r'));
                            const auto space = line.find(' ');
                            const std::string method = line.substr(0, space);
                            {
                                const std::lock_guard lock(mutex_);
                                heads_.push_back(request.head);
                            }
                            script(method, line.substr(space + 1, line.rfind(' ') - space - 1), connection);
                        });
        S3Settings settings;
        settings.endpoint = server_->origin();
        settings.region = "us-east-1";
        settings.bucket = "bucket";
        settings.access_key_id_file = directory_.write("id", "id\n");
        settings.secret_access_key_file = directory_.write("secret", "secret\n");
        settings.session_token_file = directory_.write("token", "token\n");
        settings.ca_file = directory_.write("ca.pem", authority_.certificate_pem());
        settings.staging = directory_.path();
        settings.reserve = 0;
        settings.multipart_threshold = 1'000;
        settings.part_size = 1'000;
        settings.request_timeout = milliseconds{700};
        settings.transfer_timeout = milliseconds{700};
        settings.first_retry = milliseconds{1};
        settings.encryption = Encryption::kms;
        settings.kms_key_id = "key-1";
        store_ = open_document_store(loop_.executor(), settings, *http_, clock_, pool_);
    }

    PutResult put(const std::string& content) {
        auto staged = store_->stage(content.size());
        staged->write(std::as_bytes(std::span(content)));
        return loop_.wait(store_->put(std::move(staged)));
    }
    std::string code_of_put(const std::string& content) {
        return code_of([&] { put(content); });
    }
    std::string code_of_get(const std::string& content) {
        StringSink sink;
        return code_of([&] { loop_.wait(store_->get(crypto::sha256_hex(content), sink)); });
    }
    int count(const std::string& method) {
        const std::lock_guard lock(mutex_);
        return static_cast<int>(
            std::ranges::count_if(heads_, [&](const std::string& head) { return head.starts_with(method + " "); }));
    }
    bool some_head_has(const std::string& text) {
        const std::lock_guard lock(mutex_);
        return std::ranges::any_of(heads_,
                                   [&](const std::string& head) { return head.find(text) != std::string::npos; });
    }

    std::mutex mutex_;
    std::vector<std::string> heads_;
    signwatch::testing::TestAuthority authority_{"S3 authority"};
    signwatch::testing::TempDir directory_;
    signwatch::testing::Loop loop_;
    runtime::SystemClock clock_{loop_.executor()};
    std::unique_ptr<http::ClientFactory> http_ = http::make_client_factory(loop_.executor());
    runtime::BlockingPool pool_{2};
    std::optional<TestServer> server_;
    std::unique_ptr<S3DocumentStore> store_;
};

TEST_F(HostileServerTest, a_document_that_reads_back_differently_is_not_stored) {
    serve([](const std::string& method, const std::string&, ServerConnection& connection) {
        if (method == "HEAD") return connection.answer(404, "");
        connection.answer(200, method == "GET" ? "something else" : "");
    });
    EXPECT_EQ(code_of_put("contract"), "document_unverified");
    EXPECT_TRUE(some_head_has("If-None-Match: *"));
    EXPECT_TRUE(some_head_has("x-amz-server-side-encryption-aws-kms-key-id: key-1"));
    EXPECT_TRUE(some_head_has("x-amz-security-token: token"));
}

TEST_F(HostileServerTest, a_checksum_of_other_bytes_is_not_believed) {
    serve([](const std::string& method, const std::string&, ServerConnection& connection) {
        if (method == "HEAD") return connection.answer(404, "");
        connection.answer(
            200, method == "GET" ? "contract" : "", method == "PUT" ? "x-amz-checksum-sha256: AAAA\r\n" : "");
    });
    EXPECT_EQ(code_of_put("contract"), "");
    EXPECT_EQ(count("GET"), 1);
}

TEST_F(HostileServerTest, what_another_replica_put_first_is_looked_at) {
    std::atomic<int> heads = 0;
    serve([&](const std::string& method, const std::string&, ServerConnection& connection) {
        if (method == "HEAD" && heads++ == 0) return connection.answer(404, "");
        if (method == "PUT") return connection.answer(412, error_xml("PreconditionFailed"));
        if (method == "GET") return connection.answer(200, "contract");
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 8\r\nDate: Wed, 04 Mar 2026 10:00:01 GMT\r\n" +
                         std::string(dated) + "\r\n");
    });
    EXPECT_TRUE(put("contract").existed);
    EXPECT_EQ(count("PUT"), 1);
}

TEST_F(HostileServerTest, a_server_without_conditions_is_asked_without) {
    std::atomic<int> puts = 0;
    serve([&](const std::string& method, const std::string&, ServerConnection& connection) {
        if (method == "HEAD") return connection.answer(404, "");
        if (method == "PUT" && puts++ == 0) return connection.answer(501, error_xml("NotImplemented"));
        connection.answer(200, method == "GET" ? "contract" : "");
    });
    EXPECT_FALSE(put("contract").existed);
    EXPECT_EQ(count("PUT"), 2);
}

TEST_F(HostileServerTest, trouble_that_may_pass_is_tried_three_times) {
    std::atomic<int> status = 503;
    std::atomic<int> healthy_after = 1'000;
    std::atomic<int> calls = 0;
    serve([&](const std::string&, const std::string&, ServerConnection& connection) {
        if (++calls > healthy_after) return connection.answer(404, "");
        connection.answer(status, error_xml(status == 503 ? "SlowDown" : "InternalError"));
    });
    EXPECT_EQ(code_of_put("contract"), "s3_slow_down");
    EXPECT_EQ(calls, 3);
    status = 500;
    EXPECT_EQ(code_of_put("contract"), "s3_unavailable");
    EXPECT_EQ(calls, 6);
    healthy_after = 8;
    EXPECT_EQ(loop_.wait(store_->stat(crypto::sha256_hex("contract"))), std::nullopt);
    EXPECT_EQ(calls, 9);
}

TEST_F(HostileServerTest, a_long_wait_is_left_to_the_caller) {
    serve([](const std::string&, const std::string&, ServerConnection& connection) {
        connection.answer(503, error_xml("SlowDown"), "Retry-After: 60\r\n");
    });
    try {
        put("contract");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.retry_after(), milliseconds{60'000});
        EXPECT_EQ(error.kind(), ErrorKind::transient);
    }
    EXPECT_EQ(server_->requests(), 1);
}

TEST_F(HostileServerTest, refusals_are_told_apart_and_not_repeated) {
    std::atomic<int> status = 403;
    std::string body;
    serve([&](const std::string&, const std::string&, ServerConnection& connection) {
        connection.answer(status, body, "Location: https://elsewhere.example/\r\n");
    });
    const auto list = [&] { return code_of([&] { loop_.wait(store_->list("", 10)); }); };
    body = error_xml("AccessDenied");
    EXPECT_EQ(list(), "s3_denied");
    body = error_xml("RequestTimeTooSkewed");
    EXPECT_EQ(list(), "s3_clock");
    status = 404;
    body = error_xml("NoSuchBucket");
    EXPECT_EQ(list(), "s3_bucket");
    EXPECT_EQ(code_of_get("contract"), "s3_bucket");
    body = error_xml("NoSuchKey");
    EXPECT_EQ(code_of_get("contract"), "document_missing");
    status = 307;
    EXPECT_EQ(list(), "s3_redirect");
    EXPECT_EQ(code_of_put("contract"), "s3_redirect");
    EXPECT_EQ(server_->requests(), 7);
}

TEST_F(HostileServerTest, a_document_that_is_cut_slow_or_hangs_is_no_document) {
    std::atomic<int> way = 0;
    serve([&](const std::string&, const std::string&, ServerConnection& connection) {
        if (way == 2) return connection.linger();
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\ncont");
        if (way == 0) return connection.close();
        connection.linger();
    });
    EXPECT_EQ(code_of_get("contract"), "s3_unreachable");
    EXPECT_EQ(server_->requests(), 1);  // bytes had gone to the sink
    way = 1;
    EXPECT_EQ(code_of_get("contract"), "s3_unreachable");
    EXPECT_EQ(server_->requests(), 2);
    way = 2;
    EXPECT_EQ(code_of_get("contract"), "s3_unreachable");
    EXPECT_EQ(server_->requests(), 5);
}

TEST_F(HostileServerTest, a_failing_part_aborts_the_upload) {
    serve([](const std::string& method, const std::string& target, ServerConnection& connection) {
        if (method == "HEAD") return connection.answer(404, "");
        if (method == "POST") {
            return connection.answer(
                200, "<InitiateMultipartUploadResult><UploadId>u/1</UploadId></InitiateMultipartUploadResult>");
        }
        if (method == "DELETE") return connection.answer(204, "");
        const bool second = target.find("partNumber=2") != std::string::npos;
        connection.answer(second ? 400 : 200, second ? error_xml("InvalidPart") : "", "ETag: \"e\"\r\n");
    });
    EXPECT_EQ(code_of_put(std::string(2'500, 'x')), "s3_refused");
    EXPECT_EQ(count("PUT"), 2);
    EXPECT_EQ(count("DELETE"), 1);
    EXPECT_TRUE(some_head_has("uploadId=u%2F1"));
}

TEST_F(HostileServerTest, a_completion_that_fails_in_its_body_is_a_failure) {
    serve([](const std::string& method, const std::string& target, ServerConnection& connection) {
        if (method == "HEAD") return connection.answer(404, "");
        if (target.ends_with("?uploads=")) {
            return connection.answer(
                200, "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
        }
        if (method == "POST") return connection.answer(200, error_xml("InternalError"));
        connection.answer(method == "DELETE" ? 204 : 200, "", "ETag: \"e\"\r\n");
    });
    EXPECT_EQ(code_of_put(std::string(2'500, 'x')), "s3_unavailable");
    EXPECT_EQ(count("DELETE"), 1);
}

TEST_F(HostileServerTest, lists_that_are_no_lists_are_refused) {
    std::string body;
    serve([&](const std::string&, const std::string&, ServerConnection& connection) { connection.answer(200, body); });
    std::string deep;
    for (int i = 0; i < 200'000; ++i)
        deep += "<a>";
    const std::string object =
        "<Contents><Key>zz</Key><Size>1</Size>"
        "<LastModified>2026-03-04T10:00:00.000Z</LastModified></Contents>";
    for (const std::string& bad :
         {std::string("no xml"),
          std::string("<!DOCTYPE l [<!ENTITY a 'ha'>]><ListBucketResult/>"),
          deep,
          "<ListBucketResult>" + std::string(5 << 20, ' ') + "</ListBucketResult>",
          std::string("<Other/>"),
          std::string("<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>"),
          "<ListBucketResult><IsTruncated>true</IsTruncated>" + object + "</ListBucketResult>"}) {
        body = bad;
        EXPECT_EQ(code_of([&] { loop_.wait(store_->list("", 10)); }), "s3_answer") << bad.substr(0, 80);
    }
}

TEST(AnswerXmlTest, an_error_code_is_a_plain_word_or_nothing) {
    EXPECT_EQ(read_error_code(error_xml("NoSuchKey")), "NoSuchKey");
    EXPECT_EQ(read_error_code(error_xml("No such key of Kari")), "");
    EXPECT_EQ(read_error_code(error_xml(std::string(65, 'a'))), "");
    EXPECT_EQ(read_error_code("<!DOCTYPE a><Error><Code>A</Code></Error>"), "");
    EXPECT_EQ(read_error_code("{}"), "");
}

}  // namespace
}  // namespace signwatch::s3
