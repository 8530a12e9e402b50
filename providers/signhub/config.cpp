#include "providers/signhub/config.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "core/config/section.hpp"
#include "core/domain/error.hpp"

namespace signwatch::signhub {
namespace {

using namespace std::chrono_literals;
using config::Section;

constexpr const char* user_agent = "signwatch/" SIGNWATCH_VERSION " (linux)";
constexpr milliseconds shortest_interval = 100ms;
constexpr milliseconds longest_interval = 24h;
constexpr std::size_t longest_key = 4'096;

bool all_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool names_file(const Section& account, const std::string& key) {
    return account.has(key + "_file") || account.has(key + "_credential");
}

std::string read_root_url(Section& account) {
    std::string root = account.required_text("root_url");
    while (root.ends_with('/'))
        root.pop_back();
    if (!root.empty() && origin_of(root).empty()) {
        account.report("root_url",
                       "root_url is not a plain https URL",
                       "write https://host[:port]/path as SignHub gave it to you, nothing more");
    }
    return root;
}

std::string read_api_key_file(Section& account) {
    if (!names_file(account, "api_key")) {
        account.report("api_key_file", "the API key is missing", "set api_key_file or api_key_credential");
    }
    return account.file("api_key", true);
}

HttpIdentity read_identity(Section& account, const std::string& root_url) {
    HttpIdentity tls;
    tls.origin = origin_of(root_url);
    tls.ca_file = account.file("ca", false);
    tls.system_authorities = tls.ca_file.empty();
    tls.user_agent = user_agent;
    return tls;
}

ReadingRules read_reading(Section& account) {
    ReadingRules reading;
    for (const std::string& line : account.texts("status_map", {})) {
        const std::string mistake = reading.states.set(line);
        if (!mistake.empty()) {
            account.report("status_map", "\"" + line + "\" " + mistake, "write a line such as \"99=in_progress\"");
        }
    }
    reading.time_offset = account.text("time_offset", reading.time_offset);
    if (!parse_iso8601("2026-01-01T00:00:00" + reading.time_offset)) {
        account.report("time_offset", "time_offset is no offset from UTC", "write for example \"+03:00\"");
        reading.time_offset = "+03:00";
    }
    return reading;
}

Pace read_pace(Section& account) {
    Pace pace;
    pace.interval = account.duration("interval", pace.interval, shortest_interval, longest_interval);
    pace.slow_after = account.duration("slow_after", pace.slow_after, 0ms, 24h * 365);
    pace.slow_interval =
        account.duration("slow_interval", std::max(pace.slow_interval, pace.interval), pace.interval, longest_interval);
    pace.idle_after =
        account.duration("idle_after", std::max(pace.idle_after, pace.slow_after), pace.slow_after, 24h * 365);
    pace.idle_interval = account.duration(
        "idle_interval", std::max(pace.idle_interval, pace.slow_interval), pace.slow_interval, longest_interval);
    return pace;
}

CallLimits read_limits(Section& account) {
    constexpr int most = 1'000'000'000;
    CallLimits limits;
    limits.per_minute = static_cast<int>(account.integer("calls_per_minute", 0, 0, most));
    limits.per_hour = static_cast<int>(account.integer("calls_per_hour", 0, 0, most));
    limits.per_day = static_cast<int>(account.integer("calls_per_day", 0, 0, most));
    limits.per_month = static_cast<int>(account.integer("calls_per_month", 0, 0, most));
    return limits;
}

AccountTerms read_terms(Section& account, const Pace& pace) {
    AccountTerms terms;
    terms.account = account.required_text("name");
    terms.provider = ProviderKind::signhub;
    terms.budget_key = "signhub/" + terms.account;
    terms.calls_per_second = account.number("calls_per_second", 2, 0, 10'000);
    terms.limits = read_limits(account);
    terms.max_polls = static_cast<int>(account.integer("concurrency", 2, 1, 64));
    terms.max_in_flight = static_cast<int>(account.integer("max_in_flight", 16, 1, 256));
    terms.process_interval = pace.interval;
    terms.unanswered_wait = std::min<milliseconds>(2min, terms.process_interval);
    terms.max_attempts = static_cast<int>(account.integer("max_attempts", 12, 1, 1'000));
    terms.first_backoff = account.duration("first_backoff", 1min, 10ms, 10min);
    terms.longest_backoff = account.duration(
        "longest_backoff", std::max<milliseconds>(10min, terms.first_backoff), terms.first_backoff, 1h);
    terms.max_document_size = account.size("max_document_size", 100ULL << 20, 1ULL << 10, 2ULL << 30);
    terms.accept_unsigned_pdf = account.boolean("accept_unsigned_pdf", false);
    terms.documents_again = DocumentsAgain::by_reference;
    terms.completed_has_documents = true;
    terms.inspects_documents = account.boolean("verify_signatures", false);
    return terms;
}

}  // namespace

std::string Settings::mistake_in(const std::string& process_id) const {
    std::int64_t id = 0;
    const auto result = std::from_chars(process_id.data(), process_id.data() + process_id.size(), id);
    const bool fits = result.ec == std::errc{} && all_digits(process_id) && process_id.size() <= 19;
    const bool plain = fits && id > 0 && process_id.front() != '0';
    return plain ? "" : "a flow at SignHub has a number of at most 19 digits as its id, such as 7001";
}

Secret read_api_key(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string text(longest_key + 1, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    const bool whole = stream.eof() && !stream.bad();
    text.resize(static_cast<std::size_t>(stream.gcount()));
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && is_space(text.back()))
        text.pop_back();
    text.erase(0, static_cast<std::size_t>(std::ranges::find_if_not(text, is_space) - text.begin()));
    Secret key{std::move(text)};
    const bool printable = std::ranges::all_of(key.reveal(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (!whole || key.empty() || !printable) {
        throw Error(ErrorKind::permanent, "signhub_api_key", file + " cannot be read or holds no API key");
    }
    return key;
}

Settings read_settings(Section& account) {
    Settings settings;
    account.text("provider", "");
    settings.root_url = read_root_url(account);
    settings.language = account.choice("language", {"en", "tr"}, "en");
    settings.api_key_file = read_api_key_file(account);
    settings.tls = read_identity(account, settings.root_url);
    settings.reading = read_reading(account);
    settings.pace = read_pace(account);
    settings.verify_max_size = account.size("verify_max_size", 20ULL << 20, 1ULL << 10, 100ULL << 20);
    settings.account_terms = read_terms(account, settings.pace);
    settings.reading.account = settings.account_terms.account;
    settings.tls.max_connections = std::max(settings.account_terms.max_polls, 2);
    return settings;
}

}  // namespace signwatch::signhub
