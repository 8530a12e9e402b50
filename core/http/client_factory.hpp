#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "core/domain/time.hpp"
#include "core/http/limits.hpp"
#include "core/ports/http.hpp"

namespace signwatch::http {

/// Makes clients on libcurl. Event-loop thread; the loop must outlive the factory and its clients, which may outlive
/// the factory. Destroying a client ends its requests with Error(cancelled); their coroutines resume on the loop
/// afterwards.
class ClientFactory : public HttpClientFactory {
public:
    /// For a forced shutdown: every request in flight ends with Error(cancelled), and so does every later one, at all
    /// clients.
    virtual void cancel_all() = 0;
};

std::unique_ptr<ClientFactory> make_client_factory(boost::asio::any_io_executor loop, Limits limits = {});

/// Reads all files of an identity as a client would, without a network. Error(permanent, "tls_material") names the file
/// that is unreadable, unparsable, under another password or, for a key, not that of the certificate; "url_refused" for
/// a bad origin.
void check_identity(const HttpIdentity& identity);

struct CertificateExpiry {
    std::string
        name;  ///< "client" (our certificate and its chain) or "ca" (the pinned authorities): the first to expire
    WallTime not_after;
};

/// When the files of an identity expire, "client" only if it has a certificate. Throws like check_identity.
std::vector<CertificateExpiry> certificate_expiries(const HttpIdentity& identity);

}  // namespace signwatch::http
