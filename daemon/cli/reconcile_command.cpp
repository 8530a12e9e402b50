#include <filesystem>

#include <nlohmann/json.hpp>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/rows.hpp"

namespace signwatch::cli {
namespace {

using reconcile::Report;

// Accounts whose provider fails, by the daemon's own word: their watches stand still for a good reason.
std::set<std::string> failing_accounts(const std::string& ready_body) {
    std::set<std::string> failing;
    const auto body = Json::parse(ready_body, nullptr, false);
    if (!body.is_object() || !body.contains("checks")) return failing;
    constexpr std::string_view prefix = "provider/";
    for (const auto& check : body["checks"]) {
        if (!check.is_object()) continue;
        const std::string name = check.value("name", "");
        if (name.starts_with(prefix) && check.value("state", "") != "ok") failing.insert(name.substr(prefix.size()));
    }
    return failing;
}

Json report_json(const Report& report, bool repair) {
    Json counts = Json::object();
    for (std::size_t i = 0; i < reconcile::kind_count; ++i) {
        const auto kind = static_cast<reconcile::Kind>(i);
        const reconcile::Tally& tally = report.tally(kind);
        counts[std::string(name_of(kind))] = {{"found", tally.found}, {"mended", tally.mended}};
    }
    Json list = Json::array();
    for (const reconcile::Divergence& each : report.divergences()) {
        list.push_back({{"kind", name_of(each.kind)},
                        {"account", text_or_null(each.account)},
                        {"process_id", text_or_null(each.process_id)},
                        {"detail", each.detail},
                        {"remedy", name_of(each.remedy)}});
    }
    return {{"repair", repair},
            {"found", report.found()},
            {"open", report.open()},
            {"kinds", std::move(counts)},
            {"divergences", std::move(list)},
            {"listed_all", report.found() == report.divergences().size()},
            {"left_out", report.left_out()},
            {"looked_at",
             {{"documents", report.documents},
              {"stored_documents", report.objects},
              {"bytes_read", report.bytes},
              {"events", report.events}}},
            {"duration_ms", report.duration.count()}};
}

void print_report(std::ostream& out, const Report& report, bool repair) {
    Facts facts;
    facts.add("documents in the record", std::to_string(report.documents));
    facts.add("documents in the store", std::to_string(report.objects) + ", " + bytes_text(report.bytes) + " read");
    facts.add("events compared", std::to_string(report.events));
    facts.add("found", std::to_string(report.found()));
    if (repair) facts.add("left over", std::to_string(report.open()));
    facts.print(out);
    for (const std::string& what : report.left_out())
        out << "\nnot compared: " << printable(what) << '\n';
    if (report.found() == 0) return;
    out << '\n';
    Table table({"KIND", "ACCOUNT", "PROCESS", "REMEDY", "DETAIL"});
    for (const reconcile::Divergence& each : report.divergences()) {
        table.add({std::string(name_of(each.kind)),
                   each.account,
                   each.process_id,
                   std::string(name_of(each.remedy)),
                   each.detail});
    }
    table.print(out);
    const std::size_t more = report.found() - report.divergences().size();
    if (more > 0) out << "and " << more << " more\n";
}

}  // namespace

ExitCode reconcile(const ReconcileOptions& options, const Context& context) {
    const auto configuration = config::load(options.config_path, context.providers, config::FileChecks::none);
    std::error_code ignored;
    if (!configuration.store.in_postgres && !std::filesystem::exists(configuration.store.database(), ignored)) {
        throw Error(ErrorKind::transient,
                    "store_missing",
                    "there is no readable database " + configuration.store.database() +
                        ": has the daemon run, and may this user read its directory?");
    }
    const auto answer = context.ask_ready(configuration.listen.internal);
    ReconcileWork work{configuration, options.repair, !options.quick, answer.has_value(), {}};
    if (answer) work.waiting = failing_accounts(answer->body);
    const Report report = context.run_reconciliation(work);
    if (options.json)
        print_json(*context.out, report_json(report, options.repair));
    else
        print_report(*context.out, report, options.repair);
    if (report.open() > 0) return ExitCode::integrity;
    return report.left_out().empty() ? ExitCode::ok : ExitCode::dependency;
}

}  // namespace signwatch::cli
