#include "providers/adobe_sign/config.hpp"

#include <algorithm>
#include <set>

#include "core/config/section.hpp"
#include "providers/adobe_sign/hosts.hpp"

namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;
using config::Section;

constexpr const char* production_root = "https://api.adobesign.com";
constexpr const char* user_agent = "signwatch/" SIGNWATCH_VERSION " (linux)";
const std::vector<std::string> adobes_hosts{
    ".adobesign.com", ".echosign.com", ".adobesign.us", ".adobesignsandbox.com", ".adobesignpreview.com"};
constexpr int most_calls = 1'000'000'000;

bool is_word(std::string_view text, std::string_view signs, std::size_t longest) {
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [&](char c) {
        const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        return letter || (c >= '0' && c <= '9') || signs.find(c) != std::string_view::npos;
    });
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

std::vector<std::string> read_allowed_hosts(Section& account, const std::string& root_url) {
    std::vector<std::string> hosts = account.texts("allowed_hosts", adobes_hosts);
    for (const std::string& host : hosts) {
        if (!is_host_pattern(host)) {
            account.report("allowed_hosts",
                           "\"" + host + "\" is not a host",
                           "write \"host.name\", \"host.name:port\" or \".domain.name\" in lower case");
        }
    }
    const std::string origin = origin_of(root_url);
    if (!origin.empty() && !is_allowed(hosts, origin)) {
        account.report("root_url", "root_url leads to a host that is not in allowed_hosts", "add the host there");
    }
    return hosts;
}

bool names_file(const Section& account, const std::string& key) {
    return account.has(key + "_file") || account.has(key + "_credential");
}

std::string read_secret(Section& account, const std::string& key, bool wanted) {
    std::string file = account.file(key, true);
    if (wanted && !names_file(account, key)) {
        account.report(key + "_file", key + "_file is missing", "name the file that holds it, or a credential");
    }
    return file;
}

Sensitive read_api_user(Section& account) {
    std::string user = account.text("api_user", "");
    const bool known = user.starts_with("email:") || user.starts_with("userid:");
    const bool plain = std::ranges::all_of(user, [](char c) { return c > 0x20 && c < 0x7F; });
    if (!user.empty() && (!known || !plain || user.size() > 320)) {
        account.report("api_user", "api_user names no user", "write \"email:...\" or \"userid:...\"");
        user.clear();
    }
    return Sensitive{std::move(user)};
}

Login read_login(Section& account) {
    Login login;
    const bool has_key = names_file(account, "integration_key");
    const bool has_oauth =
        account.has("client_id") || names_file(account, "client_secret") || names_file(account, "refresh_token");
    if (has_key == has_oauth) {
        account.report(has_key ? "client_id" : "integration_key_file",
                       has_key ? "both an integration key and OAuth are given" : "nothing says who we are to Adobe",
                       "set integration_key_file, or else client_id, client_secret_file and refresh_token_file");
    }
    login.integration_key_file = account.file("integration_key", true);
    login.client_id = account.text("client_id", "");
    if (has_oauth && !is_word(login.client_id, "-_.", 256)) {
        account.report("client_id", "client_id is missing or no application id", "copy it from the application's page");
    }
    login.client_secret_file = read_secret(account, "client_secret", has_oauth);
    login.refresh_token_file = read_secret(account, "refresh_token", has_oauth);
    login.refresh_path = account.text("oauth_refresh_path", "/oauth/v2/refresh");
    if (!login.refresh_path.starts_with('/') || !is_word(login.refresh_path, "/_-.", 100)) {
        account.report("oauth_refresh_path", "oauth_refresh_path is no path", "write for example \"/oauth/refresh\"");
    }
    login.api_user = read_api_user(account);
    return login;
}

// Whatever the spelling: Adobe's own hosts are never asked more often than Adobe allows.
bool is_adobes(const std::string& origin) {
    return is_allowed(adobes_hosts, origin);
}

Pace read_pace(Section& account, bool at_adobe) {
    Pace pace = pace_of_tier(account.choice("tier", {"global", "enterprise", "other"}, "other"));
    const milliseconds least = at_adobe ? pace.gap : milliseconds{0};
    pace.gap = account.duration("repeat_gap", pace.gap, least, 1h);
    const milliseconds first = std::max(pace.interval, pace.gap);
    pace.interval = account.duration("interval", first, std::max<milliseconds>(pace.gap, 1ms), 24h);
    return pace;
}

DocumentWishes read_documents(Section& account) {
    DocumentWishes wishes{false, false, false};
    for (const std::string& word : account.texts("documents", {"combined", "audit_trail"})) {
        if (word == "combined")
            wishes.combined = true;
        else if (word == "audit_trail")
            wishes.audit_trail = true;
        else if (word == "form_data")
            wishes.form_data = true;
        else
            account.report("documents", "\"" + word + "\" is no document", "write combined, audit_trail or form_data");
    }
    return wishes;
}

SweepRules read_sweep(Section& account, bool at_adobe, const Pace& pace) {
    SweepRules sweep;
    const std::string by = account.choice("sweep", {"search", "list", "off"}, "search");
    sweep.by = by == "search" ? SweepBy::search : by == "list" ? SweepBy::list : SweepBy::nothing;
    const milliseconds least = at_adobe ? std::max<milliseconds>(1min, pace.gap) : milliseconds{1};
    sweep.interval = account.duration("sweep_interval", 15min, least, 24h);
    sweep.overlap = account.duration("sweep_overlap", 30min, 0ms, 24h);
    sweep.first = account.duration("sweep_first", 24h, 0ms, 24h * 365);
    sweep.types = account.texts("sweep_types", {"AGREEMENT"});
    sweep.page_size = static_cast<int>(account.integer("sweep_page_size", 50, 1, 500));
    for (const std::string& type : sweep.types) {
        if (!is_word(type, "_", 64)) {
            account.report("sweep_types", "\"" + type + "\" is no type", "write \"AGREEMENT\" or \"WIDGET_INSTANCE\"");
        }
    }
    if (sweep.types.empty()) account.report("sweep_types", "sweep_types is empty", "write [\"AGREEMENT\"]");
    return sweep;
}

std::vector<std::string> read_ids(Section& account, const char* key, std::size_t most) {
    std::vector<std::string> ids = account.texts(key, {});
    std::set<std::string> seen;
    for (const std::string& id : ids) {
        if (!is_word(id, "-_*.", 128)) {
            account.report(key, "\"" + id + "\" is no id", "write letters, digits, \"-\" and \"_\", as Adobe shows it");
        }
        if (!seen.insert(id).second) account.report(key, "an id is named twice", "name it once");
    }
    if (ids.size() > most) account.report(key, "too many ids", "name at most " + std::to_string(most));
    return ids;
}

WebhookRules read_webhooks(Section& account, bool at_adobe, const Pace& pace) {
    WebhookRules rules;
    rules.client_ids = read_ids(account, "webhook_client_ids", 20);
    rules.ids = read_ids(account, "webhook_ids", 20);
    const milliseconds least = at_adobe ? std::max<milliseconds>(10min, pace.gap) : milliseconds{1};
    rules.check_interval = account.duration("webhook_check_interval", 1h, least, 24h);
    if (rules.client_ids.empty() && !rules.ids.empty()) {
        account.report("webhook_client_ids",
                       "webhooks are named, but no application whose notifications are taken",
                       "name the id of the application that created them");
    }
    return rules;
}

CallLimits read_limits(Section& account) {
    const auto calls = [&](const char* key) { return static_cast<int>(account.integer(key, 0, 0, most_calls)); };
    CallLimits limits;
    limits.per_minute = calls("calls_per_minute");
    limits.per_hour = calls("calls_per_hour");
    limits.per_day = calls("calls_per_day");
    limits.per_month = calls("calls_per_month");
    return limits;
}

// Failed calls are repeated by the back-off alone: none of its waits may be shorter than the gap.
void read_backoff(Section& account, const Pace& pace, AccountTerms& terms) {
    const milliseconds least = std::max<milliseconds>(pace.gap, 1ms);
    terms.first_backoff = account.duration("first_backoff", std::max<milliseconds>(1min, pace.gap), least, 1h);
    const milliseconds longest = std::max<milliseconds>(10min, terms.first_backoff);
    terms.longest_backoff = account.duration("longest_backoff", longest, terms.first_backoff, 24h);
}

AccountTerms read_terms(Section& account, const Pace& pace) {
    AccountTerms terms;
    terms.account = account.required_text("name");
    terms.provider = ProviderKind::adobe_sign;
    terms.budget_key = "adobe_sign/" + terms.account;
    terms.calls_per_second = account.number("calls_per_second", 4, 0, 10'000);
    terms.limits = read_limits(account);
    terms.max_polls = static_cast<int>(account.integer("concurrency", 4, 1, 64));
    terms.max_in_flight = static_cast<int>(account.integer("max_in_flight", 16, 1, 256));
    terms.process_interval = pace.interval;
    terms.shortest_interval = std::max<milliseconds>(pace.gap, 1ms);
    terms.repeat_gap = pace.gap;
    terms.adopts = account.choice("unknown_agreements", {"ignore", "adopt"}, "ignore") == "adopt";
    terms.unanswered_wait = std::max(std::min<milliseconds>(2min, pace.interval), pace.gap);
    terms.max_attempts = static_cast<int>(account.integer("max_attempts", 12, 1, 1'000));
    read_backoff(account, pace, terms);
    terms.max_document_size = account.size("max_document_size", 100ULL << 20, 1ULL << 10, 2ULL << 30);
    terms.accept_unsigned_pdf = account.boolean("accept_unsigned_pdf", true);
    return terms;
}

HttpIdentity read_identity(Section& account, const std::string& root_url) {
    HttpIdentity host;
    host.origin = origin_of(root_url);
    host.ca_file = account.file("ca", false);
    host.system_authorities = host.ca_file.empty();
    host.user_agent = user_agent;
    return host;
}

}  // namespace

bool is_agreement_id(const std::string& text) {
    return is_word(text, "_*-.~=+:", 200) && text != "." && text != "..";
}

std::string Settings::mistake_in(const std::string& process_id) const {
    return is_agreement_id(process_id)
               ? ""
               : "an agreement at Adobe has an id of letters, digits, \"-\", \"_\" and \"*\", such as CBJCHBCAABAA...";
}

WatchKey Settings::sweep_watch() const {
    return {account_terms.account, WatchKind::sweep, "agreements"};
}

WatchKey Settings::webhook_watch() const {
    return {account_terms.account, WatchKind::sweep, "webhooks"};
}

std::vector<WatchKey> Settings::standing_watches() const {
    std::vector<WatchKey> watches;
    if (sweep.by != SweepBy::nothing) watches.push_back(sweep_watch());
    if (!webhooks.client_ids.empty()) watches.push_back(webhook_watch());
    return watches;
}

Settings read_settings(Section& account) {
    Settings settings;
    account.text("provider", "");
    settings.root_url = read_root_url(account);
    settings.allowed_hosts = read_allowed_hosts(account, settings.root_url);
    settings.host = read_identity(account, settings.root_url);
    settings.login = read_login(account);
    const bool at_adobe = is_adobes(settings.host.origin);
    settings.pace = read_pace(account, at_adobe);
    settings.documents = read_documents(account);
    settings.supporting_documents = account.boolean("supporting_documents", true);
    settings.sweep = read_sweep(account, at_adobe, settings.pace);
    settings.webhooks = read_webhooks(account, at_adobe, settings.pace);
    settings.account_terms = read_terms(account, settings.pace);
    settings.host.max_connections = std::clamp(settings.account_terms.max_polls, 2, 8);
    return settings;
}

}  // namespace signwatch::adobe_sign
