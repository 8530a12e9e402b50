#include "core/registry/registration_rules.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>

namespace signwatch::registry {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t longest_correlation_id = 200;
constexpr std::size_t most_labels = 8;
constexpr std::size_t longest_label_name = 32;
constexpr std::size_t longest_label_value = 100;
constexpr milliseconds longest_interval = 24h * 31;

bool printable(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; });
}

bool is_label_name(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
    };
    return !name.empty() && name.size() <= longest_label_name && std::ranges::all_of(name, fits);
}

std::string mistake_in_labels(const std::vector<Label>& labels) {
    if (labels.size() > most_labels) return "at most 8 labels: keep the rest on your side";
    std::set<std::string_view> names;
    for (const Label& label : labels) {
        if (!is_label_name(label.name))
            return "a label's name has 1 to 32 characters of a-z, 0-9, dot, dash and underscore";
        if (label.value.size() > longest_label_value || !printable(label.value))
            return "the value of label " + label.name + " must be at most 100 printable bytes";
        if (!names.insert(label.name).second) return "label " + label.name + " stands there twice";
    }
    return {};
}

std::string mistake_in_interval(milliseconds interval, const AccountTerms& terms) {
    if (terms.process_interval <= 0ms)
        return "account " + terms.account + " is polled by queue: leave the interval out";
    if (interval < terms.shortest_interval || interval > longest_interval) {
        return "the interval must be between " + std::to_string(terms.shortest_interval / 1s) +
               " seconds and 31 days at account " + terms.account;
    }
    return {};
}

}  // namespace

std::string mistake_in(const Registration& registration, const AccountSettings* account) {
    if (account == nullptr) return "no account " + registration.account + " is configured";
    std::string mistake = account->mistake_in(registration.process_id);
    if (!mistake.empty()) return mistake;
    const std::string& correlation_id = registration.correlation_id;
    if (correlation_id.empty() || correlation_id.size() > longest_correlation_id || !printable(correlation_id))
        return "the correlation id must have 1 to 200 printable bytes";
    if (registration.interval) mistake = mistake_in_interval(*registration.interval, account->terms());
    return mistake.empty() ? mistake_in_labels(registration.labels) : mistake;
}

// FNV-1a: spreads well enough, and is the same after a restart.
milliseconds first_look_after(const Registration& registration, milliseconds interval) {
    std::uint64_t hash = 14'695'981'039'346'656'037ULL;
    for (const char c : registration.account + '/' + registration.process_id)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211ULL;
    const auto length = static_cast<std::uint64_t>(std::max<std::int64_t>(interval.count(), 1));
    return milliseconds{static_cast<std::int64_t>(hash % length)};
}

}  // namespace signwatch::registry
