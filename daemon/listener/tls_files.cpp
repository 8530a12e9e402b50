#include "daemon/listener/tls_files.hpp"

#include <openssl/ssl.h>

#include "core/domain/error.hpp"

namespace signwatch::listener {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

void require(const error_code& failed, const std::string& what, const std::string& file) {
    if (!failed) return;
    throw Error(
        ErrorKind::permanent, "tls_material", "the " + what + " " + file + " cannot be used: " + failed.message());
}

}  // namespace

ssl::context read_tls(const TlsFiles& files) {
    ssl::context context(ssl::context::tls_server);
    // Else OpenSSL would ask for the password of an encrypted key at the terminal.
    context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); });
    error_code failed;
    context.use_certificate_chain_file(files.certificate, failed);
    require(failed, "certificate", files.certificate);
    context.use_private_key_file(files.key, ssl::context::pem, failed);
    require(failed, "key", files.key);
    if (!files.client_ca.empty()) {
        context.load_verify_file(files.client_ca, failed);
        require(failed, "client authority", files.client_ca);
        const int more = files.client_may_lack_one ? 0 : ssl::verify_fail_if_no_peer_cert;
        context.set_verify_mode(ssl::verify_peer | more);
    }
    SSL_CTX* const handle = context.native_handle();
    SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION);
    SSL_CTX_set_options(handle, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(handle, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(handle, 0);
    return context;
}

}  // namespace signwatch::listener
