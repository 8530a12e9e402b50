#include <cstdlib>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"
#include "core/documents/s3/bucket.hpp"
#include "core/documents/s3/s3_document_store.hpp"
#include "core/http/client_factory.hpp"
#include "core/runtime/system_clock.hpp"
#include "tests/contract/document_store_contract.hpp"
#include "tests/fakes/s3_server.hpp"

namespace signwatch::testing {
namespace {

std::string setting(const char* name, const std::string& fallback) {
    const char* const value = std::getenv(name);
    return value ? value : fallback;
}

// One server for all tests, each of which has a prefix of its own: our own s3rver, or another that is named in the
// environment.
class Server : public ::testing::Environment {
public:
    void SetUp() override {
        if (!std::getenv("SIGNWATCH_TEST_S3_ENDPOINT")) server_.emplace();
    }
    void TearDown() override { server_.reset(); }

    s3::S3Settings virtual_settings() const {
        s3::S3Settings virtually = settings();
        virtually.virtual_hosted = true;
        if (server_) virtually.endpoint = server_->virtual_endpoint();
        return virtually;
    }

    s3::S3Settings settings() const {
        s3::S3Settings settings;
        settings.region = "us-east-1";
        if (server_) {
            settings.endpoint = server_->endpoint();
            settings.bucket = server_->bucket();
            settings.ca_file = server_->ca_file();
            settings.access_key_id_file = server_->access_key_id_file();
            settings.secret_access_key_file = server_->secret_access_key_file();
        } else {
            settings.endpoint = setting("SIGNWATCH_TEST_S3_ENDPOINT", "");
            settings.bucket = setting("SIGNWATCH_TEST_S3_BUCKET", "contracts");
            settings.ca_file = setting("SIGNWATCH_TEST_S3_CA", "");
            settings.access_key_id_file = setting("SIGNWATCH_TEST_S3_ID_FILE", "");
            settings.secret_access_key_file = setting("SIGNWATCH_TEST_S3_SECRET_FILE", "");
        }
        return settings;
    }

private:
    std::optional<S3Server> server_;
};

Server* const server = static_cast<Server*>(::testing::AddGlobalTestEnvironment(new Server));

class S3UnderTest : public DocumentStoreUnderTest {
public:
    S3UnderTest(const boost::asio::any_io_executor& loop, s3::S3Settings settings)
        : loop_(loop), settings_(std::move(settings)), clock_(loop), http_(http::make_client_factory(loop)) {
        const std::string random = crypto::random_bytes(8);
        settings_.prefix = "run-" + crypto::sha256_hex(random).substr(0, 12) + "/";
        settings_.staging = directory_.path();
        settings_.reserve = 0;
        S3UnderTest::reopen();
    }

    DocumentStore& store() override { return *store_; }
    void reopen() override {
        store_.reset();
        store_ = s3::open_document_store(loop_, settings_, *http_, clock_, pool_);
    }
    void corrupt(const std::string& sha256) override {
        Loop loop;
        runtime::SystemClock clock(loop.executor());
        const auto http = http::make_client_factory(loop.executor());
        s3::Bucket bucket(settings_, s3::read_credentials(settings_), *http, clock);
        StringSink sink;
        s3::Call get;
        get.key = settings_.prefix + sha256.substr(0, 2) + "/" + sha256;
        s3::Call put;
        put.method = "PUT";
        put.key = get.key;
        loop.wait(bucket.call(std::move(get), &sink));
        put.body = std::move(sink.content);
        put.body.at(0) = 'X';
        loop.wait(bucket.call(std::move(put)));
    }

private:
    boost::asio::any_io_executor loop_;
    s3::S3Settings settings_;
    TempDir directory_;
    runtime::SystemClock clock_;
    std::unique_ptr<http::ClientFactory> http_;
    runtime::BlockingPool pool_{4};
    std::unique_ptr<DocumentStore> store_;
};

std::unique_ptr<DocumentStoreUnderTest> make_whole(const boost::asio::any_io_executor& loop) {
    return std::make_unique<S3UnderTest>(loop, server->settings());
}

// Parts of 5 MiB are the least that S3 takes, but the last may be smaller.
std::unique_ptr<DocumentStoreUnderTest> make_parts(const boost::asio::any_io_executor& loop) {
    s3::S3Settings settings = server->settings();
    settings.multipart_threshold = 100'000;
    settings.part_size = 5 << 20;
    return std::make_unique<S3UnderTest>(loop, std::move(settings));
}

std::unique_ptr<DocumentStoreUnderTest> make_virtual_hosted(const boost::asio::any_io_executor& loop) {
    return std::make_unique<S3UnderTest>(loop, server->virtual_settings());
}

INSTANTIATE_TEST_SUITE_P(S3, DocumentStoreContract, ::testing::Values(make_whole));
INSTANTIATE_TEST_SUITE_P(S3InParts, DocumentStoreContract, ::testing::Values(make_parts));
INSTANTIATE_TEST_SUITE_P(S3VirtualHosted, DocumentStoreContract, ::testing::Values(make_virtual_hosted));

class S3LargeDocumentTest : public ::testing::Test {};

TEST_F(S3LargeDocumentTest, a_document_of_several_parts_comes_back_as_it_was_put) {
    Loop loop;
    s3::S3Settings settings = server->settings();
    settings.multipart_threshold = 5 << 20;
    settings.part_size = 5 << 20;
    S3UnderTest subject(loop.executor(), settings);
    for (const std::size_t size : {(5U << 20) + 1U, 10U << 20, (11U << 20) + 17U}) {
        std::string content(size, '\0');
        for (std::size_t i = 0; i < size; ++i)
            content[i] = static_cast<char>((i * 131 + i / 977) % 256);
        auto staged = subject.store().stage(size);
        staged->write(std::as_bytes(std::span(content)));
        EXPECT_FALSE(loop.wait(subject.store().put(std::move(staged))).existed);
        StringSink sink;
        loop.wait(subject.store().get(crypto::sha256_hex(content), sink));
        EXPECT_EQ(sink.content == content, true) << size;
    }
}

TEST_F(S3LargeDocumentTest, an_unknown_key_is_refused) {
    Loop loop;
    const TempDir directory;
    s3::S3Settings settings = server->settings();
    settings.access_key_id_file = directory.write("id", "another\n");
    S3UnderTest subject(loop.executor(), settings);
    EXPECT_EQ(code_of([&] { loop.wait(subject.store().probe()); }), "s3_denied");
}

}  // namespace
}  // namespace signwatch::testing
