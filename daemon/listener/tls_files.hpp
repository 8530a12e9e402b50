#pragma once

#include <string>

#include <boost/asio/ssl/context.hpp>

namespace signwatch::listener {

/// PEM files of a server; `client_ca` empty: clients need no certificate.
struct TlsFiles {
    std::string certificate;  ///< and its chain
    std::string key;
    std::string client_ca;
    bool client_may_lack_one = false;  ///< of a certificate of `client_ca`; a wrong one is refused all the same

    bool operator==(const TlsFiles&) const = default;
};

/// Reads them: TLS 1.2 as the least, clients only with a certificate of `client_ca` if there is one (and they may not
/// lack it), no sessions kept.
/// Throws Error(permanent, "tls_material") naming the file that cannot be used.
boost::asio::ssl::context read_tls(const TlsFiles& files);

}  // namespace signwatch::listener
