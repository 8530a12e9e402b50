#include "core/documents/s3/bucket.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "core/crypto/digest.hpp"
#include "core/documents/s3/answer_error.hpp"

namespace signwatch::s3 {
namespace {

constexpr int most_attempts = 3;
constexpr milliseconds longest_pause{5'000};  // whoever asks for more is left to the caller's own patience
constexpr std::uint64_t most_answer = 4 << 20;
constexpr std::uint64_t least_speed = 1'000;
constexpr std::string_view scheme = "https://";

std::string origin_for(const S3Settings& settings) {
    if (!settings.virtual_hosted) return settings.endpoint;
    return std::string(scheme) + settings.bucket + "." + settings.endpoint.substr(scheme.size());
}

// As libcurl says it: without the port that https implies.
std::string host_of(const std::string& origin) {
    std::string host = origin.substr(scheme.size());
    if (host.ends_with(":443")) host.resize(host.size() - 4);
    return host;
}

HttpIdentity identity_of(const S3Settings& settings, const std::string& origin) {
    HttpIdentity identity;
    identity.origin = origin;
    identity.ca_file = settings.ca_file;
    identity.system_authorities = settings.ca_file.empty();
    identity.user_agent = "signwatch/" SIGNWATCH_VERSION;
    identity.max_connections = settings.max_connections;
    return identity;
}

// Knows whether anything went through: then the same call cannot be repeated into the same sink.
class WatchedSink : public DocumentSink {
public:
    explicit WatchedSink(DocumentSink* sink) : sink_(sink) {}
    void write(std::span<const std::byte> bytes) override {
        touched_ = true;
        sink_->write(bytes);
    }
    bool touched() const { return touched_; }

private:
    DocumentSink* sink_;
    bool touched_ = false;
};

bool understands(const Call& call, const HttpResponse& response) {
    if (!response.complete) return false;
    if (response.status >= 200 && response.status < 300) return true;
    return std::ranges::find(call.understood, response.status) != call.understood.end();
}

Refusal refusal_for(const HttpResponse& response) {
    if (response.complete || response.status >= 300) return refusal_of(response);
    return {Error(ErrorKind::transient, "s3_unreachable", "S3: the answer was cut"), true};
}

}  // namespace

Bucket::Bucket(const S3Settings& settings, Credentials credentials, HttpClientFactory& http, Clock& clock)
    : settings_(settings),
      credentials_(std::move(credentials)),
      clock_(clock),
      origin_(origin_for(settings)),
      client_(http.create(identity_of(settings, origin_))) {}

std::string Bucket::path_of(const std::string& key) const {
    const std::string encoded = uri_encode(key, true);
    if (settings_.virtual_hosted) return "/" + encoded;
    return "/" + settings_.bucket + (key.empty() ? "" : "/") + encoded;
}

HttpRequest Bucket::signed_request(const Call& call) const {
    const WallTime now = clock_.now();
    SignedParts parts;
    parts.method = call.method;
    parts.path = path_of(call.key);
    parts.query = call.query;
    parts.payload_sha256 = call.body_sha256.empty() ? crypto::sha256_hex(call.body) : call.body_sha256;
    parts.headers = call.headers;
    parts.headers.push_back({"x-amz-content-sha256", parts.payload_sha256});
    parts.headers.push_back({"x-amz-date", amz_date(now)});
    if (!credentials_.session_token.empty()) {
        parts.headers.push_back({"x-amz-security-token", std::string(credentials_.session_token.reveal())});
    }

    HttpRequest request;
    request.method = call.method;
    request.headers = parts.headers;
    parts.headers.push_back({"host", host_of(origin_)});
    const SigningScope scope{
        credentials_.access_key_id, credentials_.secret_access_key.reveal(), settings_.region, "s3"};
    request.headers.push_back({"Authorization", authorization(scope, parts, now)});
    if (!call.body.empty()) request.headers.push_back({"Content-Type", "application/octet-stream"});
    const std::string query = canonical_query(call.query);
    request.url = Sensitive(origin_ + parts.path + (query.empty() ? "" : "?") + query);
    request.body = call.body;
    request.connect_timeout = settings_.connect_timeout;
    request.total_timeout = call.transfers ? settings_.transfer_timeout : settings_.request_timeout;
    request.min_bytes_per_second = call.transfers ? least_speed : 0;
    request.max_body = most_answer;
    return request;
}

Task<HttpResponse> Bucket::call(Call call, DocumentSink* sink) {
    WatchedSink watched(sink);
    Wake never;
    milliseconds pause = settings_.first_retry;
    for (int attempt = 1;; ++attempt) {
        std::optional<Refusal> refusal;
        try {
            HttpRequest request = signed_request(call);
            HttpResponse response;
            if (sink) {
                request.max_body = std::numeric_limits<std::uint64_t>::max();
                response = co_await client_->download(std::move(request), watched);
            } else {
                response = co_await client_->send(std::move(request));
            }
            if (understands(call, response)) co_return response;
            refusal = refusal_for(response);
        } catch (const Error& error) {
            refusal = refusal_of(error);
        }
        pause = std::max(pause, refusal->error.retry_after().value_or(milliseconds{0}));
        const bool again = refusal->passing && attempt < most_attempts && !watched.touched() && pause <= longest_pause;
        if (!again) throw refusal->error;
        const WallTime due = clock_.schedule_now() + pause;
        co_await clock_.sleep_until(due, never);
        pause *= 2;
    }
}

}  // namespace signwatch::s3
