#include "core/http/curl_error.hpp"

#include <string>

#include <openssl/x509_vfy.h>

namespace signwatch::http {

namespace {

Error transient(const char* code, const std::string& what) {
    return Error(ErrorKind::transient, code, what);
}

bool connected(CURL* easy) {
    curl_off_t ready = 0;
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &ready);
    return ready > 0;
}

Error timed_out(CURL* easy, std::string_view curl_text) {
    if (curl_text.starts_with("Operation too slow")) return transient("http_slow", "the transfer became too slow");
    if (!connected(easy)) return transient("http_connect", "no connection to the host within the time allowed");
    return transient("http_timeout", "no complete answer within the time allowed");
}

Error peer_refused(CURL* easy) {
    long result = X509_V_OK;
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &result);
    switch (result) {
        case X509_V_OK:
        case X509_V_ERR_UNSPECIFIED:  // libcurl's value for "no complaint about the chain"
            return transient("http_tls", "the server certificate is for another host");
        case X509_V_ERR_APPLICATION_VERIFICATION:
            return transient("http_tls", "the server certificate is not of the expected organisation");
        default:
            return transient(
                "http_tls",
                std::string("the server certificate was refused: ") + X509_verify_cert_error_string(result));
    }
}

Error interrupted(std::string_view curl_text) {
    // TLS 1.3 tells us only after the handshake that our certificate was not accepted.
    if (curl_text.find(" alert ") != std::string_view::npos)
        return transient("http_tls", "the server ended TLS with an alert");
    return transient("http_io", "the connection broke before the answer was complete");
}

}  // namespace

Error to_error(CURLcode code, CURL* easy, std::string_view curl_text) {
    switch (code) {
        case CURLE_URL_MALFORMAT:
            return Error(ErrorKind::permanent, "url_refused", "libcurl refused a URL");
        case CURLE_COULDNT_RESOLVE_HOST:
            return transient("http_connect", "the host name cannot be resolved");
        case CURLE_COULDNT_CONNECT:
            return transient("http_connect", "the host cannot be reached");
        case CURLE_OPERATION_TIMEDOUT:
            return timed_out(easy, curl_text);
        case CURLE_PEER_FAILED_VERIFICATION:
            return peer_refused(easy);
        case CURLE_SSL_CONNECT_ERROR:
            return transient("http_tls", "the TLS handshake failed");
        case CURLE_SSL_CERTPROBLEM:
            return transient("http_tls", "our own certificate cannot be used");
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
        case CURLE_PARTIAL_FILE:
        case CURLE_GOT_NOTHING:
            return interrupted(curl_text);
        case CURLE_ABORTED_BY_CALLBACK:
            return transient("http_io", "the kept connection was closed under the request");
        // The guard has checked the scheme; what is left of this code is an answer in HTTP/0.9, which is any bytes.
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_WEIRD_SERVER_REPLY:
            return transient("http_io", "the answer is not HTTP");
        default:
            break;
    }
    return transient("http_io", std::string("the exchange failed: ") + curl_easy_strerror(code));
}

}  // namespace signwatch::http
