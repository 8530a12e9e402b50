#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/documents/s3/credentials.hpp"
#include "core/documents/s3/s3_settings.hpp"
#include "core/documents/s3/signature_v4.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/http.hpp"

namespace signwatch::s3 {

/// One call of the S3 API. Headers are signed as they are; host, date, token and payload hash come with the signature.
struct Call {
    std::string method = "GET";
    std::string key;  ///< whole, with the prefix; empty: the bucket itself
    Query query;
    std::vector<HttpHeader> headers;
    std::string body;
    std::string body_sha256;      ///< lower-case hex; empty: to be computed
    bool transfers = false;       ///< carries a document there or back, so it may take transfer_timeout
    std::vector<int> understood;  ///< statuses besides 200 to 299 that are answers to the caller
};

/// Signs and sends calls to one bucket, and tries again what may pass: three times in all, with growing pauses. Never
/// follows a redirect; never calls another host than the configured one. Event-loop thread; everything it is given
/// outlives it.
class Bucket {
public:
    /// Throws Error(permanent, "tls_material" | "url_refused").
    Bucket(const S3Settings& settings, Credentials credentials, HttpClientFactory& http, Clock& clock);

    /// Later calls are signed with these.
    void adopt(Credentials credentials) { credentials_ = std::move(credentials); }

    /// The answer, of a status that the call understands. With a `sink`, the body of a 200 goes there, and the call is
    /// repeated only while nothing has. Throws as refusal_of says.
    Task<HttpResponse> call(Call call, DocumentSink* sink = nullptr);

    Clock& clock() const { return clock_; }

private:
    HttpRequest signed_request(const Call& call) const;
    std::string path_of(const std::string& key) const;

    const S3Settings& settings_;
    Credentials credentials_;
    Clock& clock_;
    std::string origin_;
    std::unique_ptr<HttpClient> client_;
};

}  // namespace signwatch::s3
