#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/sensitive.hpp"
#include "core/domain/time.hpp"
#include "core/ports/document_store.hpp"
#include "core/ports/task.hpp"

namespace signwatch {

struct HttpHeader {
    std::string name;
    std::string value;
};

struct HttpRequest {
    std::string method = "GET";
    Sensitive url;
    std::vector<HttpHeader> headers;
    std::string body;

    milliseconds connect_timeout{5'000};
    milliseconds total_timeout{10'000};
    std::uint64_t max_body =
        1 << 20;  ///< counted by us; beyond it the transfer ends with Error(integrity, "body_too_large")
    std::uint64_t min_bytes_per_second =
        1'000;  ///< slower than this for 20 s ends the transfer (transient, "http_slow")
};

struct HttpResponse {
    int status = 0;
    std::vector<HttpHeader> headers;
    std::string body;
    bool complete = true;  ///< false: the status and headers came, but the body was cut (only from send)

    /// First header of that name (compared without case); nullopt if absent.
    std::optional<std::string_view> header(std::string_view name) const;
};

/// Calls one provider account's host. Before the client certificate is shown to anybody, every URL passes the guard:
/// https, exactly the configured host and port, no user-info, no redirects; else Error(permanent, "url_refused"). Other
/// failures: Error(transient, "http_connect" | "http_timeout" | "http_tls" | "http_slow" | "http_io"). A status of any
/// value is an answer, not an error. Compressed answers are refused. Event-loop thread.
class HttpClient {
public:
    virtual ~HttpClient() = default;

    /// The whole answer in memory.
    virtual Task<HttpResponse> send(HttpRequest request) = 0;

    /// Like send, but the body of a 200 or 201 goes to `sink` as it arrives (other bodies stay in the response). A cut
    /// body is an Error.
    virtual Task<HttpResponse> download(HttpRequest request, DocumentSink& sink) = 0;
};

/// Who we are to a host, and whom we accept there. Files are read when the client is created.
struct HttpIdentity {
    std::string origin;   ///< "https://api.signering.posten.no" or with ":port": the only host this client ever calls
    std::string ca_file;  ///< the only authorities that are trusted
    bool system_authorities = false;  ///< without a ca_file, trust those of the system: for hosts of the public web
    std::string certificate_file;     ///< PEM chain, leaf first; with key_file
    std::string key_file;
    std::string pkcs12_file;        ///< instead of certificate_file and key_file
    std::string key_password_file;  ///< for an encrypted key or PKCS#12; may be empty
    /// Not empty: instead of the host name, the leaf certificate must carry this organisation number
    /// (posten-arqsign 1.12).
    std::string server_organisation;
    std::string user_agent;
    int max_connections = 8;
};

/// "https://host[:port]" in lower case of an https URL without user-info, query and fragment; empty if it is anything
/// else.
std::string origin_of(const std::string& url);

class HttpClientFactory {
public:
    virtual ~HttpClientFactory() = default;

    /// Throws Error(permanent, "tls_material") when a certificate, key or CA file cannot be used, naming the file.
    virtual std::unique_ptr<HttpClient> create(HttpIdentity identity) = 0;
};

}  // namespace signwatch
