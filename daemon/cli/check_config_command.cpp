#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/config/configuration.hpp"
#include "core/domain/names.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/rows.hpp"

namespace signwatch::cli {
namespace {

constexpr auto soon = std::chrono::hours{30 * 24};

struct CheckedAccount {
    const AccountSettings* settings = nullptr;
    bool unseen = false;  ///< files are systemd credentials, which only the unit sees
    std::vector<CertificateExpiry> certificates;
    std::string mistake;

    std::optional<WallTime> first_expiry() const {
        std::optional<WallTime> first;
        for (const auto& certificate : certificates)
            first = std::min(first.value_or(WallTime::max()), certificate.not_after);
        return first;
    }
};

bool names_unseen_file(const HttpIdentity& identity) {
    const auto is_unseen = [](const std::string& path) { return path.starts_with(config::unseen_credentials); };
    return is_unseen(identity.ca_file) || is_unseen(identity.certificate_file) || is_unseen(identity.key_file) ||
           is_unseen(identity.pkcs12_file) || is_unseen(identity.key_password_file);
}

CheckedAccount check_account(const AccountSettings& settings, const Context& context) {
    CheckedAccount account{&settings, false, {}, ""};
    const auto identity = settings.identity();
    if (names_unseen_file(identity)) {
        account.unseen = true;
        return account;
    }
    try {
        account.certificates = context.check_identity(identity);
    } catch (const Error& error) {
        account.mistake = error.what();
        return account;
    }
    for (const auto& certificate : account.certificates) {
        if (certificate.not_after > context.now()) continue;
        account.mistake = "the " + certificate.name + " certificate expired at " + to_rfc3339(certificate.not_after);
    }
    return account;
}

std::string certificate_text(const CheckedAccount& account, WallTime now) {
    if (account.unseen) return "not checked (systemd credentials)";
    const auto expiry = account.first_expiry();
    if (!expiry) return "-";
    return (*expiry - now < soon ? "EXPIRES SOON: " : "valid until ") + to_rfc3339(*expiry) + " (" +
           relative_text(*expiry, now) + ")";
}

std::string watches_text(const AccountSettings& settings) {
    std::string text;
    for (const auto& watch : settings.standing_watches())
        text += (text.empty() ? "" : ", ") + watch.target;
    return text;
}

Json account_json(const CheckedAccount& account) {
    const auto& terms = account.settings->terms();
    auto watches = Json::array();
    for (const auto& watch : account.settings->standing_watches())
        watches.push_back(watch.target);
    auto certificates = Json::array();
    for (const auto& certificate : account.certificates) {
        certificates.push_back({{"name", certificate.name}, {"not_after", to_rfc3339(certificate.not_after)}});
    }
    return {{"name", terms.account},
            {"provider", name_of(terms.provider)},
            {"watches", std::move(watches)},
            {"certificates_checked", !account.unseen},
            {"certificates", std::move(certificates)}};
}

Json diagnostic_json(const config::Diagnostic& diagnostic) {
    return {{"file", diagnostic.file},
            {"line", diagnostic.line},
            {"column", diagnostic.column},
            {"message", diagnostic.message},
            {"remedy", diagnostic.remedy}};
}

ExitCode refuse(const std::vector<config::Diagnostic>& diagnostics, bool json, const Context& context) {
    if (json) {
        auto list = Json::array();
        for (const auto& diagnostic : diagnostics)
            list.push_back(diagnostic_json(diagnostic));
        print_json(*context.out, {{"valid", false}, {"diagnostics", std::move(list)}});
        return ExitCode::configuration;
    }
    for (const auto& diagnostic : diagnostics)
        *context.err << printable(diagnostic.text()) << '\n';
    *context.err << diagnostics.size() << (diagnostics.size() == 1 ? " mistake\n" : " mistakes\n");
    return ExitCode::configuration;
}

void print_summary(const config::Configuration& configuration,
                   const std::vector<CheckedAccount>& accounts,
                   const Context& context) {
    auto& out = *context.out;
    Facts facts;
    for (const auto& file : configuration.files)
        facts.add("read", file);
    facts.add("store", configuration.store.directory);
    facts.add("redis", configuration.redis.address.text() + (configuration.redis.tls ? " (TLS)" : ""));
    facts.add("stream", configuration.redis.stream);
    facts.add("listen", configuration.listen.internal.text());
    if (!configuration.inbound.off) facts.add("inbound", configuration.inbound.listen.text());
    facts.print(out);
    out << '\n';
    Table table({"ACCOUNT", "PROVIDER", "WATCHES", "CERTIFICATES"});
    for (const auto& account : accounts) {
        const auto& terms = account.settings->terms();
        table.add({terms.account,
                   std::string(name_of(terms.provider)),
                   watches_text(*account.settings),
                   certificate_text(account, context.now())});
    }
    table.print(out);
    out << "\nThe configuration is valid.\n";
    for (const auto& doubt : config::doubts_about(configuration))
        out << "warning: " << printable(doubt) << '\n';
}

void print_summary_json(const config::Configuration& configuration,
                        const std::vector<CheckedAccount>& accounts,
                        std::ostream& out) {
    auto list = Json::array();
    for (const auto& account : accounts)
        list.push_back(account_json(account));
    print_json(out,
               {{"valid", true},
                {"files", configuration.files},
                {"hash", configuration.hash},
                {"accounts", std::move(list)},
                {"warnings", config::doubts_about(configuration)},
                {"diagnostics", Json::array()}});
}

}  // namespace

ExitCode check_config(const CheckConfigOptions& options, const Context& context) {
    config::Configuration configuration;
    std::vector<CheckedAccount> accounts;
    const auto judge = [&](const AccountSettings& settings) {
        return accounts.emplace_back(check_account(settings, context)).mistake;
    };
    try {
        configuration = config::load(options.config_path, context.providers, config::FileChecks::offline, judge);
    } catch (const config::ConfigError& error) {
        return refuse(error.diagnostics(), options.json, context);
    }
    if (options.json) {
        print_summary_json(configuration, accounts, *context.out);
    } else {
        print_summary(configuration, accounts, context);
    }
    return ExitCode::ok;
}

}  // namespace signwatch::cli
