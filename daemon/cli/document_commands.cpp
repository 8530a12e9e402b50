#include <algorithm>

#include <nlohmann/json.hpp>

#include "core/domain/names.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/output_file.hpp"
#include "daemon/cli/rows.hpp"
#include "daemon/cli/store_access.hpp"

namespace signwatch::cli {
namespace {

bool is_wanted(const StoredDocument& document, const DocumentGetOptions& options) {
    return (!options.kind || document.kind == *options.kind) &&
           (!options.participant || document.participant == *options.participant);
}

bool is_same_part(const StoredDocument& left, const StoredDocument& right) {
    return left.kind == right.kind && left.participant == right.participant;
}

std::string choices(const std::vector<StoredDocument>& documents) {
    std::string text;
    for (const auto& document : documents) {
        text += "\n  --kind " + std::string(name_of(document.kind)) + " --participant " +
                std::to_string(document.participant);
    }
    return text;
}

// Of one part the newest is meant: an older one is what the provider offered before.
StoredDocument choose(const std::vector<StoredDocument>& documents, const DocumentGetOptions& options) {
    std::vector<StoredDocument> newest;
    for (const auto& document : documents) {
        if (!is_wanted(document, options)) continue;
        const auto known = std::find_if(
            newest.begin(), newest.end(), [&](const StoredDocument& other) { return is_same_part(other, document); });
        if (known == newest.end()) {
            newest.push_back(document);
        } else if (known->stored_at <= document.stored_at) {
            *known = document;
        }
    }
    if (newest.size() == 1) return newest.front();
    const std::string process = "process " + options.process_id + " has ";
    if (newest.empty()) {
        throw Error(ErrorKind::permanent,
                    "not_found",
                    process + "no such document" + (documents.empty() ? "" : "; it has" + choices(documents)));
    }
    throw Error(ErrorKind::permanent, "ambiguous", process + "several such documents, choose one:" + choices(newest));
}

}  // namespace

ExitCode list_documents(const DocumentListOptions& options, const Context& context) {
    const auto rows = open_view(options.common, context)->documents(options.account, options.process_id, options.limit);
    if (options.common.json) {
        auto list = Json::array();
        for (const auto& row : rows)
            list.push_back(document_row_json(row));
        print_json(*context.out, {{"documents", std::move(list)}});
        return ExitCode::ok;
    }
    Table table({"ACCOUNT", "PROCESS", "DOCUMENT", "SIZE", "SHA-256", "STORED"});
    for (const auto& row : rows) {
        const auto& document = row.document;
        table.add({row.account,
                   row.process_id,
                   document_name(document.kind, document.participant, document.part),
                   bytes_text(document.digest.size),
                   document.digest.sha256,
                   to_rfc3339(document.stored_at)});
    }
    table.print(*context.out);
    return ExitCode::ok;
}

ExitCode get_document(const DocumentGetOptions& options, const Context& context) {
    const auto record = find_record(options.common, context);
    const auto detail = find_process(*open_view(record.store, context), options.account, options.process_id);
    const auto document = choose(detail.documents, options);
    OutputFile file(options.output);
    context.copy_document(record, document.digest.sha256, file);
    file.finish(*context.out);
    if (options.common.json && options.output != "-") {
        print_json(*context.out, document_json(document));
    } else {
        *context.err << document_name(document.kind, document.participant, document.part) << ", "
                     << bytes_text(document.digest.size) << ", sha256 " << document.digest.sha256 << '\n';
    }
    return ExitCode::ok;
}

}  // namespace signwatch::cli
