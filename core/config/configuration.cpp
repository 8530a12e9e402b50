#include "core/config/configuration.hpp"

#include <algorithm>
#include <tuple>

#include "core/config/accounts.hpp"
#include "core/config/nearest.hpp"
#include "core/config/settings.hpp"
#include "core/config/sources.hpp"
#include "core/config/table_section.hpp"
#include "core/crypto/digest.hpp"

namespace signwatch::config {
namespace {

const std::vector<std::string> section_names{
    "store", "postgres", "documents", "redis", "listen", "admin", "inbound", "log", "pipeline", "reconcile", "account"};

std::vector<Diagnostic> in_file_order(const std::vector<Source>& sources, std::vector<Diagnostic> list) {
    const auto rank = [&](const Diagnostic& diagnostic) {
        const auto found = std::find_if(
            sources.begin(), sources.end(), [&](const Source& source) { return source.file == diagnostic.file; });
        return found - sources.begin();
    };
    std::stable_sort(list.begin(), list.end(), [&](const Diagnostic& left, const Diagnostic& right) {
        return std::tuple{rank(left), left.line, left.column} < std::tuple{rank(right), right.line, right.column};
    });
    return list;
}

void throw_if_mistaken(const std::vector<Source>& sources, const Diagnostics& diagnostics) {
    if (!diagnostics.empty()) throw ConfigError(in_file_order(sources, diagnostics.list()));
}

Table parse_all(const std::vector<Source>& sources, Diagnostics& diagnostics) {
    Table root;
    for (const auto& source : sources) {
        auto table = parse_toml(source.text, source.file, diagnostics);
        if (&source == &sources.front()) root.place = Place{source.file, 1, 1};
        merge(root, std::move(table), diagnostics);
    }
    return root;
}

std::string in_brackets(const Entry& entry) {
    return entry.value.is_table_list() ? "[[" + entry.key + "]]" : "[" + entry.key + "]";
}

void report_unknown_sections(const Table& root, Diagnostics& diagnostics) {
    for (const auto& entry : root.entries) {
        if (std::find(section_names.begin(), section_names.end(), entry.key) != section_names.end()) continue;
        const bool is_section = entry.value.table() || entry.value.is_table_list();
        const auto meant = nearest(entry.key, section_names);
        std::string remedy =
            "sections are [store], [postgres], [documents], [redis], [listen], [admin], [inbound], [log], [pipeline], "
            "[reconcile] and "
            "[[account]]";
        if (meant) remedy = "did you mean " + (*meant == "account" ? "[[account]]" : "[" + *meant + "]") + "?";
        diagnostics.add({entry.place.file,
                         entry.place.line,
                         entry.place.column,
                         is_section ? "unknown section " + in_brackets(entry)
                                    : "key `" + entry.key + "` stands outside of any section",
                         std::move(remedy)});
    }
}

template <typename Settings>
Settings read_section(const Table& root,
                      const std::string& name,
                      Settings (*read)(Section&),
                      FileChecks checks,
                      Diagnostics& diagnostics) {
    const Entry* const entry = root.find(name);
    const Table absent{root.place, {}};
    if (entry && !entry->value.table()) {
        diagnostics.add({entry->place.file,
                         entry->place.line,
                         entry->place.column,
                         "`" + name + "` must be one table, not " + std::string(entry->value.type_name()),
                         "write [" + name + "] in single brackets, with its keys below"});
        return {};
    }
    TableSection section("[" + name + "]", entry ? *entry->value.table() : absent, checks, diagnostics);
    return read(section);
}

void report_idle_postgres(const Table& root, const StoreSettings& store, Diagnostics& diagnostics) {
    const Entry* const entry = root.find("postgres");
    if (!entry || store.in_postgres) return;
    diagnostics.add({entry->place.file,
                     entry->place.line,
                     entry->place.column,
                     "[postgres] has no effect",
                     "add backend = \"postgres\" to [store], or remove it"});
}

std::string hash_of(const std::vector<Source>& sources) {
    crypto::Sha256 hash;
    for (const auto& source : sources) {
        hash.update(std::to_string(source.text.size()) + "\n");
        hash.update(source.text);
    }
    return hash.hex();
}

}  // namespace

Configuration load(const std::string& path,
                   const std::vector<const ProviderFactory*>& factories,
                   FileChecks checks,
                   const JudgeAccount& judge) {
    Diagnostics diagnostics;
    const auto sources = read_sources(path, diagnostics);
    const auto root = parse_all(sources, diagnostics);
    throw_if_mistaken(sources, diagnostics);

    Configuration configuration;
    configuration.store = read_section(root, "store", read_store, checks, diagnostics);
    configuration.store.postgres = read_section(root, "postgres", read_postgres, checks, diagnostics);
    report_idle_postgres(root, configuration.store, diagnostics);
    configuration.documents = read_section(root, "documents", read_documents, checks, diagnostics);
    configuration.redis = read_section(root, "redis", read_redis, checks, diagnostics);
    configuration.listen = read_section(root, "listen", read_listen, checks, diagnostics);
    configuration.admin = read_section(root, "admin", read_admin, checks, diagnostics);
    if (configuration.admin.listen == Endpoint{}) configuration.admin.listen = configuration.store.admin_socket();
    configuration.inbound = read_section(root, "inbound", read_inbound, checks, diagnostics);
    configuration.log = read_section(root, "log", read_log, checks, diagnostics);
    configuration.pipeline = read_section(root, "pipeline", read_pipeline, checks, diagnostics);
    configuration.reconcile = read_section(root, "reconcile", read_reconcile, checks, diagnostics);
    configuration.accounts = read_accounts(root, factories, checks, judge, configuration.doors, diagnostics);
    report_unknown_sections(root, diagnostics);
    throw_if_mistaken(sources, diagnostics);

    for (const auto& source : sources)
        configuration.files.push_back(source.file);
    configuration.hash = hash_of(sources);
    return configuration;
}

std::vector<std::string> doubts_about(const Configuration& configuration) {
    std::vector<std::string> doubts;
    if (!configuration.inbound.off) return doubts;
    for (const auto& account : configuration.accounts) {
        if (!account->awaits_webhooks()) continue;
        doubts.push_back(
            "account \"" + account->terms().account +
            "\": its webhooks do not arrive, because nothing listens for them: add [inbound], or remove the "
            "account's webhook keys");
    }
    return doubts;
}

}  // namespace signwatch::config
