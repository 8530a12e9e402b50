#include "core/http/connections.hpp"

#include <algorithm>
#include <utility>

#include <openssl/ssl.h>

namespace signwatch::http {

namespace {

constexpr long receive_buffer = 16 * 1024;  // a TLS record holds no more, so more is never filled

CURLcode on_tls_context(CURL*, void* context, void* material) {
    const bool applied = static_cast<const TlsMaterial*>(material)->apply(static_cast<SSL_CTX*>(context));
    return applied ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

void set_protocol(CURL* easy) {
    set_option(easy, CURLOPT_PROTOCOLS_STR, "https");
    set_option(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https");
    set_option(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set_option(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set_option(easy, CURLOPT_PROXY, "");
    set_option(easy, CURLOPT_NOPROXY, "*");
    set_option(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set_option(easy, CURLOPT_NOSIGNAL, 1L);
    // Else libcurl waits, in the event loop, for a name resolution that it has given up.
    set_option(easy, CURLOPT_QUICK_EXIT, 1L);
    set_option(easy, CURLOPT_TCP_NODELAY, 1L);
    set_option(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    set_option(easy, CURLOPT_BUFFERSIZE, receive_buffer);
}

void set_tls(CURL* easy, const TlsMaterial& material, bool check_host_name) {
    set_option(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set_option(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    set_option(easy, CURLOPT_SSL_VERIFYHOST, check_host_name ? 2L : 0L);
    // Without these libcurl reads the system's authorities for each connection, only for us to replace them.
    set_option(easy, CURLOPT_CAINFO, nullptr);
    set_option(easy, CURLOPT_CAPATH, nullptr);
    // A resumed session would skip the check of the peer's certificate.
    set_option(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    set_option(easy, CURLOPT_SSL_CTX_FUNCTION, &on_tls_context);
    set_option(easy, CURLOPT_SSL_CTX_DATA, const_cast<TlsMaterial*>(&material));
}

}  // namespace

Connections::Connections(boost::asio::any_io_executor loop, const HttpIdentity& identity, const Limits& limits)
    : loop_(std::move(loop)),
      limits_(limits),
      guard_(identity.origin, limits.url_bytes),
      material_(identity),
      check_host_name_(identity.server_organisation.empty()),
      user_agent_(identity.user_agent),
      max_connections_(static_cast<std::size_t>(std::max(identity.max_connections, 1))) {
    const auto done = [this](CURL* easy, CURLcode code) { on_done(easy, code); };
    multi_ = std::make_unique<Multi>(loop_, static_cast<int>(max_connections_), done);
}

Connections::~Connections() {
    close();
}

EasyHandle Connections::take_easy() {
    if (!idle_.empty()) {
        EasyHandle used = std::move(idle_.back());
        idle_.pop_back();
        return used;
    }
    EasyHandle easy(curl_easy_init());
    if (!easy) throw std::bad_alloc();
    set_protocol(easy.get());
    set_tls(easy.get(), material_, check_host_name_);
    set_option(easy.get(), CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits_.slow_window.count()));
    if (!user_agent_.empty()) set_option(easy.get(), CURLOPT_USERAGENT, user_agent_.c_str());
    return easy;
}

void Connections::start(Exchange& exchange) {
    if (!multi_)
        exchange.cancel();
    else if (running_.size() >= max_connections_)
        queued_.push_back(&exchange);
    else
        run(exchange);
}

void Connections::run(Exchange& exchange) {
    try {
        EasyHandle easy = take_easy();
        exchange.prepare(easy.get());
        multi_->add(easy.get());
        running_.push_back({std::move(easy), &exchange});
    } catch (const Error& error) {
        exchange.fail(error);
    }
}

void Connections::run_queued() {
    while (!queued_.empty() && running_.size() < max_connections_) {
        Exchange& next = *queued_.front();
        queued_.pop_front();
        run(next);
    }
}

void Connections::on_done(CURL* easy, CURLcode code) {
    const auto found =
        std::find_if(running_.begin(), running_.end(), [&](const Running& one) { return one.easy.get() == easy; });
    if (found == running_.end()) return;
    found->exchange->finish(easy, code);
    idle_.push_back(std::move(found->easy));
    running_.erase(found);
    run_queued();
}

void Connections::forget(Exchange& exchange) {
    std::erase(queued_, &exchange);
    const auto found =
        std::find_if(running_.begin(), running_.end(), [&](const Running& one) { return one.exchange == &exchange; });
    if (found == running_.end()) return;
    multi_->remove(found->easy.get());
    running_.erase(found);
    run_queued();
}

void Connections::close() {
    if (!multi_) return;
    for (const Running& one : running_)
        multi_->remove(one.easy.get());
    for (const Running& one : running_)
        one.exchange->cancel();
    for (Exchange* exchange : queued_)
        exchange->cancel();
    running_.clear();
    queued_.clear();
    idle_.clear();
    multi_.reset();
}

}  // namespace signwatch::http
