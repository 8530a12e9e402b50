#include "providers/arqsign/config.hpp"

#include <algorithm>
#include <set>

#include "core/config/section.hpp"
#include "core/domain/error.hpp"
#include "providers/arqsign/plans.hpp"

namespace signwatch::arqsign {
namespace {

using namespace std::chrono_literals;
using config::Section;

constexpr const char* production_root = "https://api-rest.arqsign.com";
constexpr const char* user_agent = "signwatch/" SIGNWATCH_VERSION " (linux)";
constexpr std::string_view scheme = "https://";
constexpr int most_calls = 1'000'000'000;

// Whatever the spelling: nobody gets around the floors by another one.
bool is_production(const Settings& settings) {
    const std::string& origin = settings.host.origin;
    return origin == production_root || origin == std::string(production_root) + ":443";
}

std::string read_root_url(Section& account) {
    std::string root = account.text("root_url", production_root);
    while (root.ends_with('/'))
        root.pop_back();
    if (origin_of(root).empty()) {
        account.report("root_url", "root_url is not a plain https URL", "write https://host[:port], nothing more");
    }
    return root;
}

std::string read_key(Section& account, const std::string& key) {
    std::string file = account.file(key, true);
    if (!account.has(key + "_file") && !account.has(key + "_credential")) {
        account.report(key + "_file", key + "_file is missing", "name the file that holds the key, or a credential");
    }
    return file;
}

// "host", "host:port" or, for any host below it, ".domain.tld"
bool is_document_host(const std::string& text) {
    const bool below = text.starts_with('.');
    const std::string host = below ? text.substr(1) : text;
    if (origin_of(std::string(scheme) + host) != std::string(scheme) + host) return false;
    return !below || (host.find('.') != std::string::npos && host.find(':') == std::string::npos);
}

std::vector<std::string> read_document_hosts(Section& account) {
    std::vector<std::string> hosts = account.texts("document_hosts", {});
    std::set<std::string> seen;
    for (const std::string& host : hosts) {
        if (!is_document_host(host)) {
            account.report("document_hosts",
                           "\"" + host + "\" is not a host",
                           "write \"host.name\", \"host.name:port\" or \".domain.name\" in lower case");
        }
        if (!seen.insert(host).second) account.report("document_hosts", "a host is named twice", "name it once");
    }
    return hosts;
}

int calls(Section& account, const char* key, int fallback) {
    return static_cast<int>(account.integer(key, fallback, 0, most_calls));
}

CallLimits read_limits(Section& account) {
    CallLimits limits = limits_of_plan(account.choice("plan", plan_names(), ""));
    if (!account.has("plan") && !account.has("calls_per_month")) {
        account.report("calls_per_month",
                       "the calls that the plan allows in a month are not known",
                       "name the plan, or set calls_per_month (0: no limit)");
    }
    limits.per_minute = calls(account, "calls_per_minute", 60);
    limits.per_hour = calls(account, "calls_per_hour", limits.per_hour);
    limits.per_day = calls(account, "calls_per_day", 0);
    limits.per_month = calls(account, "calls_per_month", limits.per_month);
    return limits;
}

AccountTerms read_terms(Section& account, bool production) {
    AccountTerms terms;
    terms.account = account.required_text("name");
    terms.provider = ProviderKind::arqsign;
    terms.budget_key = "arqsign/" + terms.account;
    terms.calls_per_second = account.number("calls_per_second", 3, production ? 0.01 : 0, production ? 4 : 10'000);
    terms.limits = read_limits(account);
    terms.max_polls = 2;
    terms.max_in_flight = static_cast<int>(account.integer("max_in_flight", 4, 1, 64));
    terms.process_interval = account.duration("interval", 24h, production ? milliseconds{1h} : milliseconds{1ms}, 744h);
    terms.shortest_interval = production ? milliseconds{1h} : milliseconds{1ms};
    terms.unanswered_wait = std::min<milliseconds>(2min, terms.process_interval);
    terms.max_attempts = static_cast<int>(account.integer("max_attempts", 8, 1, 1'000));
    const milliseconds least_backoff = production ? milliseconds{1s} : milliseconds{1ms};
    terms.first_backoff = account.duration("first_backoff", 30s, least_backoff, 1h);
    terms.longest_backoff = account.duration("longest_backoff", 1h, terms.first_backoff, 24h);
    terms.max_document_size = account.size("max_document_size", 100ULL << 20, 1ULL << 10, 2ULL << 30);
    terms.accept_unsigned_pdf = account.boolean("accept_unsigned_pdf", true);
    terms.documents_again = DocumentsAgain::as_a_whole;
    terms.completed_has_documents = true;
    return terms;
}

HttpIdentity public_host(std::string origin, std::string ca_file) {
    HttpIdentity identity;
    identity.origin = std::move(origin);
    identity.ca_file = std::move(ca_file);
    identity.system_authorities = identity.ca_file.empty();
    identity.user_agent = user_agent;
    return identity;
}

[[noreturn]] void refuse_link() {
    throw Error(ErrorKind::permanent, "url_refused", "a document's link leads to a host that is not in document_hosts");
}

bool allows(const std::string& entry, const std::string& authority) {
    if (!entry.starts_with('.')) return authority == entry || authority == entry + ":443";
    const std::string host = authority.ends_with(":443") ? authority.substr(0, authority.size() - 4) : authority;
    return host.size() > entry.size() && host.ends_with(entry);
}

}  // namespace

bool is_process_id(const std::string& text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        const char c = text[i];
        const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        if (dash ? c != '-' : !digit) return false;
    }
    return true;
}

std::string Settings::mistake_in(const std::string& process_id) const {
    return is_process_id(process_id)
               ? ""
               : "a process at ArqSign has a GUID in lower case as its id, 7b1d8f0e-6f0a-4a57-9f0e-2c5b7a1f3d10";
}

std::string Settings::status_url(const std::string& process_id) const {
    return root_url + "/api/v1/processo/" + process_id + "/status-do-processo";
}

std::string Settings::process_url(const std::string& process_id, bool with_documents) const {
    const bool links = !with_documents || !document_hosts.empty();
    const bool record = with_documents && signature_record;
    return root_url + "/api/v2/processo/" + process_id + "?arquivoTipo=" + (links ? "2" : "1") +
           "&retornarRegistroAssinatura=" + (record ? "true" : "false");
}

HttpIdentity Settings::identity_for(const Sensitive& link) const {
    const std::string& url = link.reveal();
    if (!url.starts_with(scheme)) refuse_link();
    const std::string origin = origin_of(url.substr(0, url.find_first_of("/?#", scheme.size())));
    if (origin.empty()) refuse_link();
    const std::string authority = origin.substr(scheme.size());
    const bool listed =
        std::ranges::any_of(document_hosts, [&](const auto& entry) { return allows(entry, authority); });
    if (!listed) refuse_link();
    HttpIdentity identity = public_host(origin, document_ca_file);
    identity.max_connections = 1;
    return identity;
}

Settings read_settings(Section& account) {
    Settings settings;
    account.text("provider", "");
    settings.root_url = read_root_url(account);
    settings.host = public_host(origin_of(settings.root_url), account.file("ca", false));
    settings.app_key_file = read_key(account, "app_key");
    settings.subscription_key_file = read_key(account, "subscription_key");
    settings.signature_record = account.boolean("signature_record", true);
    settings.document_hosts = read_document_hosts(account);
    settings.document_ca_file = account.file("document_ca", false);
    settings.max_response = account.size("max_response", 256ULL << 20, 1ULL << 20, 4ULL << 30);
    settings.webhook = read_webhook_settings(account);
    settings.account_terms = read_terms(account, is_production(settings));
    settings.host.max_connections = std::clamp(settings.account_terms.max_in_flight, 2, 8);
    return settings;
}

}  // namespace signwatch::arqsign
