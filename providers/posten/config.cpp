#include "providers/posten/config.hpp"

#include <algorithm>
#include <set>

#include "core/config/section.hpp"

namespace signwatch::posten {
namespace {

using namespace std::chrono_literals;
using config::Section;

constexpr const char* production_root = "https://api.signering.posten.no/api";
constexpr const char* difitest_root = "https://api.difitest.signering.posten.no/api";
constexpr const char* posten_organisation = "984661185";
constexpr const char* user_agent = "signwatch/" SIGNWATCH_VERSION " (linux)";

bool all_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_organisation(const std::string& text) {
    return text.size() == 9 && all_digits(text);
}

std::string percent_encoded(std::string_view text) {
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '.' || c == '_' || c == '~';
        const auto byte = static_cast<unsigned char>(c);
        if (plain)
            encoded += c;
        else
            encoded.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
    return encoded;
}

Environment read_environment(Section& account) {
    const std::string word = account.choice("environment", {"production", "difitest", "custom"}, "production");
    if (!account.has("environment")) {
        account.report("environment", "environment is missing", "set \"production\", \"difitest\" or \"custom\"");
    }
    if (word == "custom") return Environment::custom;
    return word == "difitest" ? Environment::difitest : Environment::production;
}

std::string read_root_url(Section& account, Environment environment) {
    std::string root = account.text("root_url", "");
    if (environment != Environment::custom) {
        if (!root.empty()) account.report("root_url", "root_url is only for environment = \"custom\"", "remove it");
        return environment == Environment::production ? production_root : difitest_root;
    }
    while (root.ends_with('/'))
        root.pop_back();
    if (root.empty()) {
        account.report(
            "root_url", "environment \"custom\" needs root_url", "set the https URL in front of the organisation");
    } else if (origin_of(root).empty()) {
        account.report("root_url", "root_url is not a plain https URL", "write https://host[:port]/path, nothing more");
    }
    return root;
}

std::string read_organisation(Section& account) {
    std::string organisation = account.required_text("organisation");
    if (!organisation.empty() && !is_organisation(organisation)) {
        account.report(
            "organisation", "organisation is not a Norwegian organisation number", "write its 9 digits as text");
    }
    return organisation;
}

std::string read_server_organisation(Section& account, Environment environment) {
    std::string organisation = account.text("server_organisation", posten_organisation);
    if (!is_organisation(organisation)) {
        account.report("server_organisation",
                       "server_organisation is not an organisation number",
                       "write the 9 digits in the server's certificate; the check cannot be switched off");
    } else if (environment != Environment::custom && organisation != posten_organisation) {
        account.report("server_organisation", "Posten's own servers carry 984661185", "remove it");
    }
    return organisation;
}

HttpIdentity read_identity(Section& account, Environment environment, const std::string& root_url) {
    HttpIdentity tls;
    tls.origin = origin_of(root_url);
    tls.ca_file = account.file("ca", false);
    tls.certificate_file = account.file("client_certificate", false);
    tls.key_file = account.file("client_key", true);
    tls.pkcs12_file = account.file("client_pkcs12", true);
    tls.key_password_file = account.file("client_key_password", true);
    tls.server_organisation = read_server_organisation(account, environment);
    tls.user_agent = user_agent;
    return tls;
}

bool names_file(const Section& account, const std::string& key) {
    return account.has(key + "_file") || account.has(key + "_credential");
}

void check_identity(Section& account) {
    const bool certificate = names_file(account, "client_certificate");
    const bool key = names_file(account, "client_key");
    const bool pkcs12 = names_file(account, "client_pkcs12");
    if (!names_file(account, "ca")) {
        account.report(
            "ca_file", "ca_file is missing", "name the bundle of Buypass and Commfides CA certificates to trust");
    }
    if (pkcs12 && (certificate || key)) {
        account.report(
            "client_pkcs12_file", "two client identities", "keep client_pkcs12_file or the certificate and key");
    } else if (!pkcs12 && !certificate) {
        account.report("client_certificate_file",
                       "the client certificate is missing",
                       "set client_certificate_file and client_key_file, or client_pkcs12_file");
    } else if (!pkcs12 && !key) {
        account.report("client_key_file", "the client key is missing", "set client_key_file or client_key_credential");
    }
}

std::string problem_of(const std::string& queue) {
    if (queue.size() > 255) return "is longer than 255 bytes";
    const bool printable =
        std::ranges::none_of(queue, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
    return printable ? "" : "holds a control character";
}

std::vector<Flow> read_flows(Section& account) {
    std::vector<Flow> flows;
    for (const std::string& word : account.texts("flows", {"portal"})) {
        if (word != "portal" && word != "direct") {
            account.report("flows", "a flow is \"portal\" or \"direct\"", "remove the other word");
            continue;
        }
        const Flow flow = word == "portal" ? Flow::portal : Flow::direct;
        if (std::ranges::find(flows, flow) != flows.end())
            account.report("flows", "a flow is named twice", "name it once");
        else
            flows.push_back(flow);
    }
    if (flows.empty()) account.report("flows", "no flow is polled", "set [\"portal\"], [\"direct\"] or both");
    return flows;
}

std::vector<Queue> read_queues(Section& account) {
    const std::vector<Flow> flows = read_flows(account);
    const std::vector<std::string> names = account.texts("queues", {""});
    if (names.empty()) account.report("queues", "no queue is polled", "write [\"\"] for the default queue");
    std::set<std::string> seen;
    std::vector<Queue> queues;
    for (const std::string& name : names) {
        const std::string problem = problem_of(name);
        if (!problem.empty())
            account.report("queues", "the name of a queue " + problem, "write it as jobs are created with");
        if (!seen.insert(name).second) account.report("queues", "a queue is named twice", "name it once");
        for (const Flow flow : flows)
            queues.push_back({flow, name});
    }
    return queues;
}

DocumentPolicy read_documents(Section& account) {
    DocumentPolicy policy;
    const std::string pades = account.choice("pades", {"completed", "final", "always", "never"}, "completed");
    if (pades == "final")
        policy.pades = PadesPolicy::at_end;
    else if (pades == "always")
        policy.pades = PadesPolicy::always;
    else if (pades == "never")
        policy.pades = PadesPolicy::never;
    const std::string xades = account.choice("xades", {"signed", "completed", "never"}, "signed");
    if (xades == "completed")
        policy.xades = XadesPolicy::completed;
    else if (xades == "never")
        policy.xades = XadesPolicy::never;
    return policy;
}

Pacing read_pacing(Section& account, Environment environment) {
    const bool custom = environment == Environment::custom;
    const milliseconds empty = environment == Environment::production ? milliseconds{10min} : milliseconds{30s};
    Pacing pacing;
    pacing.empty = account.duration("empty_interval", empty, custom ? milliseconds{100ms} : empty, 1h);
    pacing.floor = account.duration("floor_interval", 1s, custom ? milliseconds{1ms} : milliseconds{1s}, 1min);
    pacing.throttle =
        account.duration("throttle_interval", 30s, custom ? milliseconds{10ms} : milliseconds{30s}, 10min);
    return pacing;
}

AccountTerms read_terms(Section& account, const Settings& settings) {
    const bool custom = settings.environment == Environment::custom;
    AccountTerms terms;
    terms.account = account.required_text("name");
    terms.provider = ProviderKind::posten;
    terms.calls_per_second = account.number("calls_per_second", 8, custom ? 0 : 0.1, custom ? 10'000 : 8);
    terms.max_in_flight = static_cast<int>(account.integer("max_in_flight", 16, 1, 256));
    terms.max_attempts = static_cast<int>(account.integer("max_attempts", 8, 1, 1'000));
    terms.acknowledge_window =
        account.duration("acknowledge_window", 8min, custom ? milliseconds{100ms} : milliseconds{1min}, 8min);
    const milliseconds least_backoff = custom ? milliseconds{10ms} : milliseconds{1s};
    terms.first_backoff = account.duration("first_backoff", 5s, least_backoff, 10min);
    terms.longest_backoff = account.duration("longest_backoff", 10min, terms.first_backoff, 1h);
    terms.max_document_size = settings.max_document_size;
    terms.documents_again = DocumentsAgain::until_acknowledged;
    terms.unanswered_wait = settings.pacing.empty + settings.pacing.floor;
    std::string where = settings.tls.origin;
    if (settings.environment == Environment::production) where = "production";
    if (settings.environment == Environment::difitest) where = "difitest";
    terms.budget_key = "posten/" + where + "/" + settings.organisation;
    return terms;
}

}  // namespace

std::string name_of(Flow flow) {
    return flow == Flow::portal ? "portal" : "direct";
}

std::string Queue::target() const {
    return name.empty() ? name_of(flow) : name_of(flow) + "/" + name;
}

std::vector<WatchKey> Settings::standing_watches() const {
    std::vector<WatchKey> watches;
    for (const Queue& queue : queues)
        watches.push_back({account_terms.account, WatchKind::queue, queue.target()});
    return watches;
}

std::string Settings::mistake_in(const std::string& process_id) const {
    const bool number = !process_id.empty() && process_id.size() <= 20 && all_digits(process_id);
    return number ? "" : "a signature job at Posten has a number of at most 20 digits as its id";
}

std::string Settings::poll_url(const Queue& queue) const {
    const std::string url = root_url + "/" + organisation + "/" + name_of(queue.flow) + "/signature-jobs";
    return queue.name.empty() ? url : url + "?polling_queue=" + percent_encoded(queue.name);
}

Settings read_settings(Section& account) {
    Settings settings;
    account.text("provider", "");
    settings.environment = read_environment(account);
    settings.root_url = read_root_url(account, settings.environment);
    settings.organisation = read_organisation(account);
    settings.tls = read_identity(account, settings.environment, settings.root_url);
    check_identity(account);
    settings.queues = read_queues(account);
    settings.documents = read_documents(account);
    settings.hold_unknown_jobs = account.choice("unknown_jobs", {"process", "hold"}, "process") == "hold";
    settings.pacing = read_pacing(account, settings.environment);
    settings.max_document_size = account.size("max_document_size", 100ULL << 20, 1ULL << 10, 2ULL << 30);
    settings.account_terms = read_terms(account, settings);
    settings.tls.max_connections = std::clamp(settings.account_terms.max_in_flight, 2, 64);
    return settings;
}

}  // namespace signwatch::posten
