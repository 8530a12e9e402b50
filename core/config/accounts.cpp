#include "core/config/accounts.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "core/config/table_section.hpp"
#include "core/domain/names.hpp"

namespace signwatch::config {
namespace {

constexpr std::size_t most_accounts = 1'000;
constexpr std::size_t longest_name = 63;

struct ReadAccount {
    const Table* table = nullptr;
    std::unique_ptr<AccountSettings> settings;
};

void report(const Place& place, std::string message, std::string remedy, Diagnostics& diagnostics) {
    diagnostics.add({place.file, place.line, place.column, std::move(message), std::move(remedy)});
}

bool is_account_name(std::string_view name) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    if (name.empty() || name.size() > longest_name || !plain(name.front())) return false;
    return std::all_of(name.begin(), name.end(), [&](char c) { return plain(c) || c == '_' || c == '-'; });
}

std::vector<std::string> provider_names(const std::vector<const ProviderFactory*>& factories) {
    std::vector<std::string> names;
    for (const auto* factory : factories)
        names.emplace_back(name_of(factory->kind()));
    return names;
}

const ProviderFactory* choose_factory(Section& section, const std::vector<const ProviderFactory*>& factories) {
    const auto names = provider_names(factories);
    if (!section.has("provider")) {
        section.required_text("provider");
        return nullptr;
    }
    const auto word = section.choice("provider", names, "");
    const auto found = std::find(names.begin(), names.end(), word);
    return found == names.end() ? nullptr : factories[static_cast<std::size_t>(found - names.begin())];
}

void check_name(Section& section) {
    const auto name = section.required_text("name");
    if (!name.empty() && !is_account_name(name)) {
        section.report("name",
                       "`name` is not usable as an account name",
                       "1 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit");
    }
}

std::unique_ptr<AccountSettings> read_account(const Table& table,
                                              const std::vector<const ProviderFactory*>& factories,
                                              FileChecks checks,
                                              std::vector<WebhookDoor>& doors,
                                              Diagnostics& diagnostics) {
    const auto mistakes = diagnostics.list().size();
    TableSection section("[[account]]", table, checks, diagnostics);
    check_name(section);
    const auto* const factory = choose_factory(section, factories);
    if (!factory) return nullptr;
    auto settings = factory->read(section);
    WebhookDoor door;
    if (factory->hears_webhooks()) door = read_webhook_door(section);
    section.finish();
    if (diagnostics.list().size() != mistakes) return nullptr;
    door.account = settings->terms().account;
    if (factory->hears_webhooks()) doors.push_back(std::move(door));
    return settings;
}

std::string name_in(const Table& table) {
    const Entry* const entry = table.find("name");
    const auto* const name = entry ? std::get_if<std::string>(&entry->value.content) : nullptr;
    return name ? *name : "";
}

void report_duplicate_names(const List& accounts, Diagnostics& diagnostics) {
    std::map<std::string, Place> seen;
    for (const auto& account : accounts) {
        const auto name = name_in(*account.table());
        if (name.empty()) continue;
        const auto& place = account.table()->find("name")->value.place;
        const auto [first, added] = seen.emplace(name, place);
        if (added) continue;
        report(place,
               "the account name \"" + name + "\" is taken at " + first->second.text(),
               "give each account its own name",
               diagnostics);
    }
}

std::string watch_text(const WatchKey& watch) {
    return std::string(name_of(watch.kind)) + " \"" + watch.target + "\"";
}

void report_shared_watches(const std::vector<ReadAccount>& accounts, Diagnostics& diagnostics) {
    std::map<std::tuple<ProviderKind, std::string, WatchKind, std::string>, const ReadAccount*> seen;
    for (const auto& account : accounts) {
        const auto& terms = account.settings->terms();
        for (const auto& watch : account.settings->standing_watches()) {
            const auto [first, added] =
                seen.emplace(std::tuple{terms.provider, terms.budget_key, watch.kind, watch.target}, &account);
            if (added || first->second == &account) continue;
            report(account.table->place,
                   "account \"" + name_in(*account.table) + "\" polls the same " + watch_text(watch) +
                       " as account \"" + name_in(*first->second->table) + "\" at " +
                       first->second->table->place.text(),
                   "remove it from one of the two",
                   diagnostics);
        }
    }
}

void judge_each(const std::vector<ReadAccount>& accounts, const JudgeAccount& judge, Diagnostics& diagnostics) {
    for (const auto& account : accounts) {
        const std::string mistake = judge(*account.settings);
        if (mistake.empty()) continue;
        report(account.table->place,
               "account \"" + name_in(*account.table) + "\": " + mistake,
               "replace the file or name another one",
               diagnostics);
    }
}

const List* account_list(const Table& root, Diagnostics& diagnostics) {
    const Entry* const entry = root.find("account");
    if (!entry) {
        report(root.place, "no account is configured", "add an [[account]] table", diagnostics);
        return nullptr;
    }
    if (!entry->value.is_table_list()) {
        report(
            entry->place, "`account` must be a list of tables", "write [[account]] with double brackets", diagnostics);
        return nullptr;
    }
    const auto& list = std::get<List>(entry->value.content);
    if (list.size() > most_accounts) {
        report(list[most_accounts].place, "more than 1000 accounts", "run a second daemon for the rest", diagnostics);
        return nullptr;
    }
    return &list;
}

}  // namespace

std::vector<std::unique_ptr<AccountSettings>> read_accounts(const Table& root,
                                                            const std::vector<const ProviderFactory*>& factories,
                                                            FileChecks checks,
                                                            const JudgeAccount& judge,
                                                            std::vector<WebhookDoor>& doors,
                                                            Diagnostics& diagnostics) {
    std::vector<std::unique_ptr<AccountSettings>> result;
    const List* const list = account_list(root, diagnostics);
    if (!list) return result;
    std::vector<ReadAccount> accounts;
    for (const auto& element : *list) {
        auto settings = read_account(*element.table(), factories, checks, doors, diagnostics);
        if (settings) accounts.push_back({element.table(), std::move(settings)});
    }
    report_duplicate_names(*list, diagnostics);
    report_shared_watches(accounts, diagnostics);
    if (judge) judge_each(accounts, judge, diagnostics);
    for (auto& account : accounts)
        result.push_back(std::move(account.settings));
    return result;
}

}  // namespace signwatch::config
