#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "core/config/endpoint.hpp"
#include "core/config/network.hpp"
#include "core/config/section.hpp"

namespace signwatch::config {

/// [inbound]: the public listener, where providers report that something has changed. Files are read at the start and
/// at a reload.
struct InboundSettings {
    bool off = true;
    Endpoint listen;
    std::string certificate_file;  ///< empty: plain HTTP, behind a proxy
    std::string key_file;
    std::string client_ca_file;
    bool client_certificate_required = true;  ///< with a client_ca_file; false: only by the accounts that want one
    std::vector<Network> allowed;             ///< empty: everybody
    std::vector<Network> trusted_proxies;     ///< not empty: nobody else may connect, and they say who the client is

    std::size_t header_size = 16 << 10;
    std::chrono::milliseconds header_timeout = std::chrono::seconds{10};
    std::chrono::milliseconds request_timeout = std::chrono::minutes{2};
    std::size_t least_body_rate = 16 << 10;  ///< bytes in a second, after a few to begin with
    std::chrono::milliseconds idle_timeout = std::chrono::seconds{75};
    std::chrono::milliseconds queue_timeout = std::chrono::seconds{4};
    std::size_t connections = 512;
    std::size_t connections_per_address = 64;  ///< 0: no limit
    std::size_t body_memory = 128 << 20;       ///< all bodies together that are held at once

    // How often somebody may ask, in a second and all at once; 0: no limit.
    double rate_per_address = 200;
    double burst_per_address = 1'000;
    double rate_per_account = 500;
    double burst_per_account = 5'000;

    bool behind_proxy() const { return listen.is_unix() || !trusted_proxies.empty(); }
};

/// What one account says about its webhook address: the webhook_* keys that do not depend on the provider.
struct WebhookDoor {
    std::string account;
    std::string path;                      ///< empty: in path_file, or else /webhooks/ACCOUNT
    std::string path_file;                 ///< holds the path: it is a secret
    std::vector<Network> allowed;          ///< empty: everybody whom [inbound] lets in
    bool client_certificate = false;       ///< only with a certificate of [inbound] client_ca
    std::vector<std::string> client_pins;  ///< "sha256//BASE64" of its key, or "subject:CN=..."; empty: any
};

/// Each reports what is wrong; the result is only used when nothing is.
InboundSettings read_inbound(Section& section);
WebhookDoor read_webhook_door(Section& account);

/// A path of a webhook: begins with "/", up to 512 visible ASCII characters; a query may follow.
bool is_webhook_path(std::string_view text);

}  // namespace signwatch::config
