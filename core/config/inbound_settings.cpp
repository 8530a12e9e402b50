#include "core/config/inbound_settings.hpp"

#include <algorithm>

#include "core/config/file_contents.hpp"

namespace signwatch::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t longest_path = 512;
constexpr std::size_t most_networks = 1'000;
constexpr std::size_t kib = 1 << 10;
constexpr std::size_t mib = 1 << 20;
constexpr double most_requests = 1'000'000;

std::vector<Network> read_networks(Section& section, const std::string& key) {
    std::vector<Network> networks;
    const std::vector<std::string> texts = section.texts(key, {});
    if (texts.size() > most_networks)
        section.report(key, "`" + key + "` names more than 1000 networks", "write larger networks");
    for (const std::string& text : texts) {
        if (const auto network = parse_network(text)) {
            networks.push_back(*network);
        } else {
            section.report(key,
                           "\"" + text + "\" is not a network",
                           "write \"192.0.2.0/24\", \"2001:db8::/32\" or one address, with nothing behind the prefix");
        }
    }
    return networks;
}

bool names_file(const Section& section, const std::string& key) {
    return section.has(key + "_file") || section.has(key + "_credential");
}

std::string file_key(const Section& section, const std::string& key) {
    return key + (section.has(key + "_credential") ? "_credential" : "_file");
}

Endpoint read_address(Section& section, InboundSettings& inbound) {
    const std::string text = section.text("listen", "");
    inbound.off = text.empty() || text == "off";
    if (inbound.off) return {};
    const auto endpoint = parse_endpoint(text);
    if (endpoint) return *endpoint;
    section.report("listen", "`listen` is not an address", "write \"host:port\", \"[ipv6]:port\" or \"unix:/path\"");
    inbound.off = true;
    return {};
}

// In clear only from a proxy, and only where no stranger can listen: the secret of a path is worth nothing otherwise.
void check_clear_text(Section& section, const InboundSettings& inbound) {
    if (inbound.listen.is_unix()) return;
    if (inbound.trusted_proxies.empty() && !inbound.listen.is_local()) {
        section.report("listen",
                       "without a certificate webhooks would cross the network in clear",
                       "add certificate_file and key_file; behind a proxy name it in trusted_proxies");
    } else if (!std::ranges::all_of(inbound.trusted_proxies, is_private)) {
        section.report("trusted_proxies",
                       "a proxy in the internet would send webhooks in clear",
                       "name private addresses alone, or add certificate_file and key_file");
    }
}

void check_tls(Section& section, const InboundSettings& inbound) {
    const bool tls = names_file(section, "certificate");
    const bool client_ca = names_file(section, "client_ca");
    if (tls != names_file(section, "key")) {
        section.report(file_key(section, tls ? "certificate" : "key"),
                       "a certificate and its key belong together",
                       "give both certificate_file and key_file");
    } else if (client_ca && !tls) {
        section.report(file_key(section, "client_ca"),
                       "client certificates need TLS",
                       "give certificate_file and key_file, too; behind a proxy let the proxy check them");
    } else if (section.has("client_certificates") && !client_ca) {
        section.report("client_certificates", "nobody's certificates are trusted", "add client_ca_file");
    } else if (inbound.listen.is_unix() && tls) {
        section.report(file_key(section, "certificate"),
                       "a Unix socket has no TLS",
                       "remove certificate, key and client_ca, or give a TCP address");
    } else if (!tls && !inbound.off) {
        check_clear_text(section, inbound);
    }
}

void read_limits(Section& section, InboundSettings& inbound) {
    inbound.header_size = section.size("header_size", inbound.header_size, 4 * kib, 64 * kib);
    inbound.header_timeout = section.duration("header_timeout", inbound.header_timeout, milliseconds{100}, seconds{60});
    inbound.request_timeout =
        section.duration("request_timeout", inbound.request_timeout, inbound.header_timeout, seconds{900});
    inbound.least_body_rate = section.size("least_body_rate", inbound.least_body_rate, 0, mib);
    inbound.idle_timeout = section.duration("idle_timeout", inbound.idle_timeout, milliseconds{100}, seconds{900});
    inbound.queue_timeout = section.duration("queue_timeout", inbound.queue_timeout, milliseconds{10}, seconds{4});
    const auto count = [&](const char* key, std::size_t fallback, std::int64_t least) {
        return static_cast<std::size_t>(section.integer(key, static_cast<std::int64_t>(fallback), least, 20'000));
    };
    inbound.connections = count("connections", inbound.connections, 1);
    inbound.connections_per_address = count("connections_per_address", inbound.connections_per_address, 0);
    inbound.body_memory = section.size("body_memory", inbound.body_memory, 16 * mib, 4'096 * mib);
    inbound.rate_per_address = section.number("rate_per_address", inbound.rate_per_address, 0, most_requests);
    inbound.burst_per_address = section.number("burst_per_address", inbound.burst_per_address, 1, most_requests);
    inbound.rate_per_account = section.number("rate_per_account", inbound.rate_per_account, 0, most_requests);
    inbound.burst_per_account = section.number("burst_per_account", inbound.burst_per_account, 1, most_requests);
}

std::vector<std::string> read_pins(Section& account) {
    std::vector<std::string> pins = account.texts("webhook_client_pins", {});
    for (const std::string& pin : pins) {
        const bool key = pin.starts_with("sha256//") && pin.size() == std::string_view("sha256//").size() + 44;
        const bool subject = pin.starts_with("subject:") && pin.size() > std::string_view("subject:").size();
        if (key || subject) continue;
        account.report("webhook_client_pins",
                       "\"" + pin + "\" is not a pin",
                       "write \"sha256//\" and the base64 of the key's SHA-256, or \"subject:CN=name,O=organisation\"");
    }
    return pins;
}

}  // namespace

bool is_webhook_path(std::string_view text) {
    const auto visible = [](char c) { return c > 0x20 && c < 0x7F && c != '#'; };
    return text.starts_with('/') && text.size() <= longest_path && std::ranges::all_of(text, visible);
}

InboundSettings read_inbound(Section& section) {
    InboundSettings inbound;
    inbound.listen = read_address(section, inbound);
    inbound.certificate_file = section.file("certificate", false);
    inbound.key_file = section.file("key", true);
    inbound.client_ca_file = section.file("client_ca", false);
    inbound.client_certificate_required =
        section.choice("client_certificates", {"required", "asked"}, "required") == "required";
    inbound.allowed = read_networks(section, "allowed_cidrs");
    inbound.trusted_proxies = read_networks(section, "trusted_proxies");
    read_limits(section, inbound);
    check_tls(section, inbound);
    check_tls_contents(section, {inbound.certificate_file, inbound.key_file, inbound.client_ca_file, "client_ca"});
    section.finish();
    return inbound;
}

WebhookDoor read_webhook_door(Section& account) {
    WebhookDoor door;
    door.path = account.text("webhook_path", "");
    door.path_file = account.file("webhook_path", true);
    check_text_content(account,
                       "webhook_path",
                       door.path_file,
                       is_webhook_path,
                       "one path that begins with /, at most 512 visible characters,");
    door.allowed = read_networks(account, "webhook_allowed_cidrs");
    door.client_pins = read_pins(account);
    door.client_certificate = account.boolean("webhook_client_certificate", false) || !door.client_pins.empty();
    if (account.has("webhook_path") && !is_webhook_path(door.path)) {
        account.report("webhook_path",
                       "`webhook_path` is not a path",
                       "begin with /, at most 512 visible ASCII characters without #");
    }
    if (account.has("webhook_path") && names_file(account, "webhook_path")) {
        account.report("webhook_path",
                       "`webhook_path` is given in clear and in a file",
                       "keep the file: whoever knows the path can send webhooks");
    }
    return door;
}

}  // namespace signwatch::config
