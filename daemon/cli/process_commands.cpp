#include <nlohmann/json.hpp>

#include "core/domain/names.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/rows.hpp"
#include "daemon/cli/store_access.hpp"

namespace signwatch::cli {
namespace {

Table process_table(const std::vector<ProcessRow>& rows) {
    Table table({"ACCOUNT", "PROCESS", "STATE", "STAGE", "CONFIRMED", "DOCUMENTS", "UPDATED", "CORRELATION ID"});
    for (const auto& row : rows) {
        table.add({row.account,
                   row.process_id,
                   std::string(name_of(row.state)),
                   std::string(name_of(row.stage)),
                   confirmation_text(row.acknowledgement),
                   std::to_string(row.documents),
                   to_rfc3339(row.updated_at),
                   row.correlation_id});
    }
    return table;
}

void print_facts(std::ostream& out, const ProcessRow& process) {
    Facts facts;
    facts.add("provider", name_of(process.provider));
    facts.add("account", process.account);
    facts.add("process", process.process_id);
    facts.add("correlation id", process.correlation_id);
    facts.add("state", name_of(process.state));
    facts.add("stage", name_of(process.stage));
    facts.add("confirmation", confirmation_text(process.acknowledgement));
    facts.add("events", std::to_string(process.sequence));
    facts.add("looked at", looks_word(process));
    if (process.interval) facts.add("interval", std::to_string(process.interval->count() / 1'000) + " s");
    if (process.deadline) facts.add("deadline", to_rfc3339(*process.deadline));
    for (const Label& label : process.labels)
        facts.add("label " + label.name, label.value);
    if (process.registered_at) facts.add("registered", to_rfc3339(*process.registered_at));
    facts.add("first seen", to_rfc3339(process.first_seen_at));
    facts.add("updated", to_rfc3339(process.updated_at));
    facts.print(out);
}

void print_participants(std::ostream& out, const std::vector<Participant>& participants) {
    Table table({"SIGNER", "STATE", "PROVIDER'S WORD", "ACTED", "REFERENCE"});
    for (const auto& participant : participants) {
        table.add({std::to_string(participant.order),
                   std::string(name_of(participant.state)),
                   participant.provider_status,
                   time_text(participant.acted_at),
                   participant.ref});
    }
    out << "\nSigners\n";
    table.print(out);
}

void print_documents(std::ostream& out, const std::vector<StoredDocument>& documents) {
    Table table({"DOCUMENT", "SIZE", "SHA-256", "STORED", "VERIFICATION"});
    for (const auto& document : documents) {
        table.add({document_name(document.kind, document.participant, document.part),
                   bytes_text(document.digest.size),
                   document.digest.sha256,
                   to_rfc3339(document.stored_at),
                   document.verification});
    }
    out << "\nDocuments\n";
    table.print(out);
}

void print_updates(std::ostream& out, const std::vector<UpdateRow>& updates) {
    Table table(
        {"UPDATE", "STATE", "PROVIDER'S WORD", "STAGE", "CONFIRMATION", "ATTEMPTS", "LAST FAILURE", "DELIVERED"});
    for (const auto& update : updates) {
        table.add({std::to_string(update.id),
                   std::string(name_of(update.state)),
                   update.provider_status,
                   std::string(name_of(update.stage)),
                   confirmation_text(update.acknowledgement),
                   std::to_string(update.attempts),
                   update.last_code,
                   to_rfc3339(update.delivered_at)});
    }
    out << "\nUpdates\n";
    table.print(out);
}

void print_history(std::ostream& out, const std::vector<HistoryEntry>& history) {
    Table table({"AT", "ACTION", "ACTOR", "DESCRIPTION"});
    for (const auto& entry : history)
        table.add({to_rfc3339(entry.at), entry.action, entry.actor, entry.description});
    out << "\nHistory\n";
    table.print(out);
}

}  // namespace

ExitCode list_processes(const ProcessListOptions& options, const Context& context) {
    const auto rows = open_view(options.common, context)->processes(options.filter);
    if (options.common.json) {
        auto list = Json::array();
        for (const auto& row : rows)
            list.push_back(process_json(row));
        print_json(*context.out, {{"processes", std::move(list)}});
        return ExitCode::ok;
    }
    process_table(rows).print(*context.out);
    if (rows.size() == options.filter.limit) {
        *context.err << "there may be more: --offset " << options.filter.offset + rows.size() << '\n';
    }
    return ExitCode::ok;
}

ExitCode show_process(const ProcessOptions& options, const Context& context) {
    const auto view = open_view(options.common, context);
    const auto detail = find_process(*view, options.account, options.process_id);
    if (options.common.json) {
        print_json(*context.out, process_detail_json(detail));
        return ExitCode::ok;
    }
    auto& out = *context.out;
    print_facts(out, detail.process);
    if (!detail.participants.empty()) print_participants(out, detail.participants);
    if (!detail.documents.empty()) print_documents(out, detail.documents);
    if (!detail.updates.empty()) print_updates(out, detail.updates);
    if (!detail.history.empty()) print_history(out, detail.history);
    return ExitCode::ok;
}

ExitCode retry_processes(const ProcessOptions& options, const Context& context) {
    const auto store = find_store(options.common, context);
    // Opening the view first: retry must not make a store where there is none.
    if (!options.process_id.empty()) {
        find_process(*open_view(store, context), options.account, options.process_id);
    } else {
        open_view(store, context);
    }
    const auto count = context.retry_parked(store, options.account, options.process_id);
    if (options.common.json) {
        print_json(*context.out, {{"retried", count}});
    } else {
        *context.out << count << (count == 1 ? " parked update starts" : " parked updates start") << " afresh\n";
    }
    return ExitCode::ok;
}

}  // namespace signwatch::cli
