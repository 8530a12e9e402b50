#include "daemon/cli/rows.hpp"

#include "core/domain/names.hpp"

namespace signwatch::cli {

Table watch_table(const std::vector<WatchRow>& rows, WallTime now) {
    Table table({"ACCOUNT", "WATCH", "NEXT POLL", "LAST POLL", "LAST ANSWER", "FAILURES"});
    for (const auto& row : rows) {
        const auto& watch = row.watch;
        table.add({watch.key.account,
                   watch.key.target,
                   relative_text(watch.due_at, now),
                   row.last_polled_at ? relative_text(*row.last_polled_at, now) : "never",
                   row.last_success_at ? relative_text(*row.last_success_at, now) : "never",
                   std::to_string(watch.memory.errors)});
    }
    return table;
}

std::string confirmation_text(const std::string& acknowledgement) {
    if (acknowledgement == "done") return "confirmed";
    if (acknowledgement == "assumed") return "confirmed before";
    if (acknowledgement == "pending") return "not confirmed yet";
    if (acknowledgement == "left") return "left for redelivery";
    if (acknowledgement == "none") return "nothing to confirm";
    return acknowledgement.empty() ? "-" : acknowledgement;
}

std::string document_name(DocumentKind kind, int participant, int part) {
    std::string name(name_of(kind));
    if (part != 0) name += " " + std::to_string(part);
    return participant == 0 ? name : name + " of signer " + std::to_string(participant);
}

std::string short_hash(const std::string& sha256) {
    return sha256.substr(0, 12);
}

}  // namespace signwatch::cli
