#include <nlohmann/json.hpp>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/progress_bar.hpp"

namespace signwatch::cli {
namespace {

using Json = nlohmann::ordered_json;

RecordPlace place_of(const std::string& file, const Context& context) {
    auto configuration = config::load(file, context.providers, config::FileChecks::none);
    return {std::move(configuration.store), std::move(configuration.documents)};
}

bool is_same_database(const config::PostgresSettings& from, const config::PostgresSettings& to) {
    return from.address == to.address && from.database == to.database;
}

bool moves_documents(const RecordPlace& from, const RecordPlace& to) {
    if (from.documents.s3 != to.documents.s3) return true;
    if (!from.documents.s3) return from.store.directory != to.store.directory;
    return from.documents.endpoint != to.documents.endpoint || from.documents.bucket != to.documents.bucket ||
           from.documents.prefix != to.documents.prefix;
}

// Between directories the record stays where it is.
bool moves_record(const RecordPlace& from, const RecordPlace& to) {
    const config::StoreSettings& source = from.store;
    const config::StoreSettings& target = to.store;
    if (!source.in_postgres) return target.in_postgres;
    if (target.in_postgres && is_same_database(source.postgres, target.postgres)) return false;
    throw Error(ErrorKind::permanent,
                "move_unknown",
                "a record moves from SQLite to PostgreSQL, no other way; to move the documents alone, let both"
                " configurations name the same database. Between databases, PostgreSQL's own tools move it");
}

/// One line of a terminal for each thing that is counted.
class StageBar {
public:
    explicit StageBar(std::ostream& out) : out_(out) {}

    void show(const CopyStage& stage) {
        if (!bar_ || items_ != stage.items) {
            finish();
            items_ = stage.items;
            bar_.emplace(out_, stage.whole, items_);
        }
        done_ = stage.done;
        bar_->show(done_, static_cast<std::streamoff>(done_));
    }
    void finish() {
        if (bar_) bar_->finish(done_);
        bar_.reset();
    }

private:
    std::ostream& out_;
    std::string items_;
    std::size_t done_ = 0;
    std::optional<ProgressBar> bar_;
};

std::uint64_t rows_of(const copy::MoveReport& record) {
    std::uint64_t rows = 0;
    for (const copy::MovedTable& table : record.tables)
        rows += table.rows;
    return rows;
}

Json record_json(const copy::MoveReport& record) {
    Json tables = Json::array();
    for (const copy::MovedTable& table : record.tables)
        tables.push_back({{"name", table.name}, {"rows", table.rows}, {"sha256", table.sha256}});
    return {{"already", record.already},
            {"resumed", record.resumed},
            {"rows", rows_of(record)},
            {"tables", std::move(tables)}};
}

void print_result(const CopyResult& result, const CopyOptions& options, const Context& context) {
    const auto& documents = result.documents;
    if (options.json) {
        Json json = Json::object();
        if (documents)
            json = {{"documents", documents->seen}, {"copied", documents->copied}, {"verified", documents->verified}};
        if (result.record) json["record"] = record_json(*result.record);
        print_json(*context.out, json);
        return;
    }
    auto& out = *context.out;
    if (documents) {
        out << documents->copied << " documents copied, " << documents->seen - documents->copied << " were there, "
            << documents->verified << " verified\n";
    }
    if (!result.record) return;
    if (result.record->already)
        out << "the record had moved already\n";
    else
        out << "the record has moved: " << rows_of(*result.record) << " rows, all compared\n";
    out << "start the daemon with " << printable(options.to) << "; what is left in the old place is history\n";
}

ExitCode abandon(const RecordPlace& from, const RecordPlace& to, const CopyOptions& options, const Context& context) {
    const copy::AbandonReport report = context.abandon_copy(from, to);
    const ExitCode code = report.trouble.empty() ? ExitCode::ok : ExitCode::dependency;
    if (options.json) {
        const Json trouble = report.trouble.empty() ? Json() : Json(report.trouble);
        print_json(*context.out, {{"emptied", report.emptied}, {"trouble", trouble}});
        return code;
    }
    *context.out << "the record is in service again, where it was\n";
    if (report.emptied) *context.out << "the database holds nothing of it any more\n";
    if (!report.trouble.empty()) {
        *context.err << "signwatch: the database could not be emptied: " << printable(report.trouble)
                     << "\nno daemon will work on what is there; the same command empties it when it answers\n";
    }
    return code;
}

}  // namespace

ExitCode copy_store(const CopyOptions& options, const Context& context) {
    CopyWork work{place_of(options.from, context), place_of(options.to, context), false, false, options.kill_at};
    work.record = moves_record(work.from, work.to);
    work.documents = moves_documents(work.from, work.to);
    if (options.abandon && work.record) return abandon(work.from, work.to, options, context);
    if (options.abandon)
        throw Error(ErrorKind::permanent, "nothing_to_abandon", "between these configurations no record moves");
    if (!work.record && !work.documents)
        throw Error(ErrorKind::permanent, "same_place", "both configurations keep everything in the same place");
    StageBar bar(*context.err);
    const CopyResult result = context.copy_store(work, [&bar](const CopyStage& stage) { bar.show(stage); });
    bar.finish();
    print_result(result, options, context);
    return ExitCode::ok;
}

}  // namespace signwatch::cli
