#include "daemon/cli/fake_record.hpp"

#include <algorithm>

#include "core/crypto/digest.hpp"
#include "daemon/cli/command_line.hpp"

namespace signwatch::cli::testing {
namespace {

class FakeView final : public StateView {
public:
    explicit FakeView(FakeRecord& record) : record_(record) {}

    std::vector<WatchRow> watches(const WatchFilter& filter) override {
        std::vector<WatchRow> rows;
        for (const auto& row : record_.watches) {
            const WatchKey& key = row.watch.key;
            const bool wanted = filter.target.empty() || key.target == filter.target;
            if (wanted && (filter.account.empty() || key.account == filter.account)) rows.push_back(row);
        }
        return rows;
    }

    std::vector<BudgetRow> budgets() override { return {}; }

    std::vector<ProcessRow> processes(const ProcessFilter& filter) override {
        record_.last_filter = filter;
        return record_.processes;
    }

    std::optional<ProcessDetail> process(const std::string& account, const std::string& process_id) override {
        for (const auto& detail : record_.details) {
            if (detail.process.account == account && detail.process.process_id == process_id) return detail;
        }
        return std::nullopt;
    }

    std::vector<DocumentRow> documents(const std::string&, const std::string&, std::size_t limit) override {
        auto rows = record_.documents;
        if (rows.size() > limit) rows.resize(limit);
        return rows;
    }

    std::vector<EventRow> events(EntryId after, std::size_t limit) override {
        std::vector<EventRow> rows;
        for (const auto& row : record_.events) {
            if (row.event.entry > after && rows.size() < limit) rows.push_back(row);
        }
        return rows;
    }

    EntryId last_entry() override { return record_.events.empty() ? EntryId{} : record_.events.back().event.entry; }
    StoreSummary summary() override { return record_.summary; }

    std::vector<DocumentClaim> document_claims(const std::string&, std::int64_t, std::size_t) override { return {}; }
    bool claims_document(const std::string&) override { return false; }
    AuditPage<FaultyUpdate> faulty_updates(UpdateId, std::size_t, WallTime) override { return {{}, 0, true}; }
    AuditPage<PlacedWatch> unscheduled_watches(WatchId, std::size_t) override { return {{}, 0, true}; }
    std::vector<PlacedWatch> scheduled_watches(const std::string&, WallTime, WatchId, WallTime, std::size_t) override {
        return {};
    }
    AuditPage<LostProcess> lost_processes(std::int64_t, std::size_t) override { return {{}, 0, true}; }

private:
    FakeRecord& record_;
};

}  // namespace

Terminal::Terminal() : now(at(0)) {
    directory.write("state.db", "");
    context.providers = {&factory_};
    context.run = [this](const RunOptions& options) {
        ran = options;
        return 0;
    };
    context.open_view = [this](const config::StoreSettings&) { return std::make_unique<FakeView>(record); };
    context.retry_parked = [this](
                               const config::StoreSettings&, const std::string& account, const std::string& process) {
        retried.push_back(account + "/" + process);
        return std::size_t{2};
    };
    context.copy_document = [this](const RecordPlace&, const std::string& sha256, DocumentSink& sink) {
        const auto& bytes = stored.at(sha256);
        sink.write(std::as_bytes(std::span{bytes}));
        if (crypto::sha256_hex(bytes) != sha256) throw Error(ErrorKind::integrity, "document_corrupt", "damaged");
    };
    context.ask_ready = [this](const config::Endpoint&) { return ready; };
    context.check_identity = [](const HttpIdentity&) { return std::vector<CertificateExpiry>{}; };
    context.now = [this] { return now; };
    context.pause = [this](milliseconds pause) {
        now += pause;
        if (on_pause) on_pause(++pauses_);
    };
}

int Terminal::run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "signwatch");
    std::vector<const char*> argv;
    for (const auto& argument : arguments)
        argv.push_back(argument.c_str());
    std::ostringstream out_stream;
    std::ostringstream err_stream;
    context.out = &out_stream;
    context.err = &err_stream;
    const int code = run_command_line(static_cast<int>(argv.size()), argv.data(), context);
    out = out_stream.str();
    err = err_stream.str();
    return code;
}

int Terminal::run_with_store(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--store", directory.path().string()});
    return run(std::move(arguments));
}

WallTime at(int seconds) {
    using namespace std::chrono;
    return sys_days{year{2026} / March / 4} + hours{10} + std::chrono::seconds{seconds};
}

EventRow event(std::uint64_t ms, const std::string& process, const std::string& acknowledgement) {
    EventRow row;
    row.event.entry = {ms, 0};
    row.event.message.id = "id-" + process;
    row.event.message.type = "io.signwatch.signature.completed.v1";
    row.event.message.sequence = 1;
    row.event.message.json =
        R"({"data":{"account":"bank","providerDocumentId":")" + process +
        R"(","status":"completed","observedAt":"2026-03-04T10:00:00.000Z","documents":[{"kind":"pades","participant":0,)"
        R"("size":203114,"sha256":"3f2a9c01e77700112233"},{"kind":"xades","participant":2,"size":9120,"sha256":"ab"}]}})";
    row.published = true;
    row.acknowledgement = acknowledgement;
    return row;
}

}  // namespace signwatch::cli::testing
