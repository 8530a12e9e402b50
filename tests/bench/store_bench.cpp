// What the record and the document store can do on this machine. Prints figures; judges nothing. "line" is the record
// of either kind, at ever more calls at once, which share commits; "server" is the CPU of PostgreSQL.
//   store_bench [--store sqlite|postgres] [all|line|documents|open [updates [directory]]]

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <sys/resource.h>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/documents/filesystem/file_document_store.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"
#include "tests/bench/measured_store.hpp"
#include "tests/contract/loop.hpp"

namespace signwatch {
namespace {

using namespace std::chrono_literals;
using Seconds = std::chrono::duration<double>;

class CountingProgress : public Progress {
public:
    void reached(Step step) noexcept override {
        if (step == Step::commit_done) ++commits;
    }
    std::atomic<int> commits{0};
};

WallTime at(std::int64_t seconds) {
    return from_unix_ms(1'700'000'000'000 + seconds * 1000);
}

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Measure {
public:
    explicit Measure(std::string name, const bench::MeasuredStore* record = nullptr)
        : name_(std::move(name)), record_(record) {}

    // Returns how many a second.
    double print(std::size_t count, const char* unit) const {
        const double elapsed = Seconds(std::chrono::steady_clock::now() - start_).count();
        const double number = static_cast<double>(count);
        std::printf("%-52s %9.0f %s/s  %8.1f us CPU each  %8.1f us server  %8.2f ms in all\n",
                    name_.c_str(),
                    number / elapsed,
                    unit,
                    (cpu_seconds() - cpu_) * 1e6 / number,
                    (server_ms() - server_ms_) * 1e3 / number,
                    elapsed * 1e3);
        std::fflush(stdout);
        return number / elapsed;
    }

private:
    double server_ms() const { return record_ ? record_->server_cpu() : 0; }

    std::string name_;
    const bench::MeasuredStore* record_;
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    double cpu_ = cpu_seconds();
    double server_ms_ = server_ms();
};

StatusUpdate make_update(int number) {
    StatusUpdate update;
    update.account = "acme";
    update.process_id = std::to_string(100'000'000 + number);
    update.reference = "contract-" + std::to_string(number);
    update.watch = 1;
    update.state = ProcessState::completed;
    update.provider_status = "COMPLETED_SUCCESSFULLY";
    update.participants = {Participant{std::string(32, 'f'), 1, ParticipantState::completed, "SIGNED", at(0)}};
    const std::string base = "https://api.signering.posten.no/api/984661185/portal/signature-jobs/" + update.process_id;
    update.documents = {DocumentRef{DocumentKind::pades, 0, Sensitive(base + "/pades")},
                        DocumentRef{DocumentKind::xades, 1, Sensitive(base + "/xades/1")}};
    update.acknowledge_at = Sensitive(base + "/complete");
    update.fingerprint = update.process_id + std::string(55, 'a');
    update.raw = std::string(1500, 'x');
    return update;
}

CommitUpdate make_commit(UpdateId id) {
    CommitUpdate commit;
    commit.id = id;
    commit.now = at(1);
    for (const DocumentKind kind : {DocumentKind::pades, DocumentKind::xades}) {
        StoredDocument document;
        document.kind = kind;
        document.digest = {std::string(64, 'b'), 200'000};
        document.media_type = "application/pdf";
        document.uri = "file:///var/lib/signwatch/documents/objects/bb/" + std::string(64, 'b');
        document.verification = "2 signatures, the last covers all 200000 bytes";
        commit.documents.push_back(document);
    }
    commit.compose = [](const EventContext& context) {
        EventMessage message;
        message.id = "an-event-id-of-some-length-" + std::to_string(context.sequence);
        message.type = "io.signwatch.signature.completed.v1";
        message.partition_key = "posten/acme/" + context.correlation_id;
        message.json = R"({"specversion":"1.0","data":{"padding":")" + std::string(1500, 'y') +
                       R"(","historyEntry":{"at":"2026-03-04T10:02:11.120Z","action":"completed","actor":"posten",)"
                       R"("description":"All have signed"}}})";
        return message;
    };
    return commit;
}

// `make(i)` gives the tasks of one round; rounds follow each other, the calls of one round are concurrent.
template <typename Make>
void in_rounds(testing::Loop& loop, int total, int width, Make make) {
    for (int first = 0; first < total; first += width) {
        std::vector<decltype(make(0))> tasks;
        for (int i = first; i < first + width && i < total; ++i)
            tasks.push_back(make(i));
        static_cast<void>(loop.wait_all(std::move(tasks)));
    }
}

// All that the record does for an update, one update after the other: the line without provider, documents and stream.
Task<void> bring_home(StateStore& store, int& next, int total) {
    while (next < total) {
        StatusUpdate update = make_update(next++);
        const RecordResult recorded = co_await store.record_update(std::move(update), at(0));
        CommitUpdate commit = make_commit(recorded.id);
        co_await store.commit_update(std::move(commit));
        BeginAcknowledge request;
        request.id = recorded.id;
        co_await store.begin_acknowledge(request);
        co_await store.end_acknowledge(recorded.id, AcknowledgeResult::done, at(2));
    }
}

double measure_whole_line(bench::StoreMaker& stores, int total, int width) {
    testing::Loop loop;
    CountingProgress progress;
    const auto record = stores.make();
    const auto store = record->open(progress);
    int next = 0;
    const Measure whole("line of the record, " + std::to_string(width) + " in flight", record.get());
    std::vector<Task<void>> workers;
    for (int i = 0; i < width; ++i)
        workers.push_back(bring_home(*store, next, total));
    loop.wait_all(std::move(workers));
    const double rate = whole.print(static_cast<std::size_t>(total), "updates");
    std::printf("%52s %9d transactions that commit updates\n", "", progress.commits.load());
    return rate;
}

void measure_line(bench::StoreMaker& stores, int total, int width) {
    testing::Loop loop;
    CountingProgress progress;
    const auto made = stores.make();
    const auto store = made->open(progress);
    const std::string with = ", " + std::to_string(width) + " at a time";
    const Measure record("record_update" + with, made.get());
    in_rounds(loop, total, width, [&](int i) { return store->record_update(make_update(i), at(0)); });
    record.print(static_cast<std::size_t>(total), "updates");
    const Measure commit("commit_update (state, 2 documents, event)" + with, made.get());
    in_rounds(loop, total, width, [&](int i) { return store->commit_update(make_commit(i + 1)); });
    commit.print(static_cast<std::size_t>(total), "updates");
    const Measure acknowledge("begin_ + end_acknowledge" + with, made.get());
    in_rounds(loop, total, width, [&](int i) {
        BeginAcknowledge request;
        request.id = i + 1;
        return store->begin_acknowledge(request);
    });
    in_rounds(loop, total, width, [&](int i) { return store->end_acknowledge(i + 1, AcknowledgeResult::done, at(2)); });
    acknowledge.print(static_cast<std::size_t>(total), "updates");
    const Measure publish("claim_outbox + mark_published, 100 a batch", made.get());
    for (int done = 0; done < total; done += 100) {
        std::vector<std::int64_t> rows;
        for (const OutboxEvent& event : loop.wait(store->claim_outbox(100)))
            rows.push_back(event.row);
        loop.wait(store->mark_published(rows, at(3)));
    }
    publish.print(static_cast<std::size_t>(total), "events");
    std::printf("%52s %9d commits of updates\n", "", progress.commits.load());
}

Task<void> decide_calls(SharedBudgets& budgets, int& next, int total) {
    while (next < total) {
        const int number = next++;
        CallJudge judge = [number](SharedCalls& calls) { calls.next_call = at(number); };
        co_await budgets.decide("posten/acme", std::move(judge), at(0));
    }
}

// What several daemons pay before each call to a provider; nothing where there is one daemon alone.
void measure_calls(bench::StoreMaker& stores, int total, int width) {
    testing::Loop loop;
    CountingProgress progress;
    const auto made = stores.make();
    const auto store = made->open(progress);
    SharedBudgets* const budgets = store->shared_budgets();
    if (budgets == nullptr) return;
    int next = 0;
    const Measure measure("decide on a call, " + std::to_string(width) + " at a time", made.get());
    std::vector<Task<void>> callers;
    for (int i = 0; i < width; ++i)
        callers.push_back(decide_calls(*budgets, next, total));
    loop.wait_all(std::move(callers));
    measure.print(static_cast<std::size_t>(total), "calls");
}

int number_of_updates(int asked_for, int width) {
    return asked_for > 0 ? asked_for : std::min(200 + 400 * (width - 1), 10'000);
}

void measure_record(bench::StoreMaker& stores, bool step_by_step, bool whole, int size) {
    for (const int width : {1, 16, 100})
        if (step_by_step) measure_line(stores, number_of_updates(size, width), width);
    for (const int width : {1, 64})
        if (whole) measure_calls(stores, size > 0 ? size : 2'000, width);
    double alone = 0;
    for (const int width : {1, 4, 16, 64, 256}) {
        if (!whole) continue;
        const double rate = measure_whole_line(stores, number_of_updates(size, width), width);
        if (alone <= 0) alone = rate;
        std::printf("%52s %9.2f x as fast as one in flight\n", "", rate / alone);
    }
}

Task<void> store_document(DocumentStore& store, const std::string& content) {
    auto staged = store.stage(content.size());
    for (std::size_t offset = 0; offset < content.size(); offset += 16'384) {
        const std::string_view piece = std::string_view(content).substr(offset, 16'384);
        staged->write(std::as_bytes(std::span(piece)));
    }
    co_await store.put(std::move(staged));
}

// One update: a PAdES of 200 kB and a XAdES of 10 kB, one after the other as the line stores them.
Task<void> store_updates(DocumentStore& store, int& next, int total) {
    while (next < total) {
        const std::string mark = std::to_string(next++);
        const std::string pades = mark + std::string(200'000, 'p');
        const std::string xades = mark + std::string(10'000, 'x');
        co_await store_document(store, pades);
        co_await store_document(store, xades);
    }
}

void measure_documents(const std::filesystem::path& directory, int total, int threads, int in_flight) {
    CountingProgress progress;
    runtime::BlockingPool pool(static_cast<std::size_t>(threads));
    const std::string name = std::to_string(threads) + " threads, " + std::to_string(in_flight) + " in flight";
    const auto store = filesystem::open_document_store(directory / ("documents " + name), pool, progress);
    boost::asio::io_context loop{1};
    int next = 0;
    const Measure measure("documents 200 kB + 10 kB, " + name);
    for (int i = 0; i < in_flight; ++i) {
        boost::asio::co_spawn(loop, store_updates(*store, next, total), boost::asio::detached);
    }
    loop.run();
    measure.print(static_cast<std::size_t>(total), "updates");
}

void measure_open(const std::filesystem::path& directory) {
    CountingProgress progress;
    runtime::BlockingPool pool(1);
    const Measure state("open the record");
    const auto store = sqlite::open_state_store(directory / "open.db", progress);
    state.print(1, "times");
    const Measure documents("open the document store");
    const auto files = filesystem::open_document_store(directory / "open", pool, progress);
    documents.print(1, "times");
}

}  // namespace
}  // namespace signwatch

int main(int count, char** texts) {
    const auto [kind, words] = signwatch::bench::arguments_of(count, texts);
    const std::string part = words.empty() ? "all" : words[0];
    const int size = words.size() > 1 ? std::stoi(words[1]) : 0;
    const auto directory = signwatch::bench::fresh_folder(words.size() > 2 ? words[2] : "/tmp", "store_bench");
    const bool line = part == "all" || part == "line";
    const bool whole = part == "all" || part == "whole";
    if (line || whole) {
        const auto stores = signwatch::bench::stores_called(kind, directory);
        if (!stores->settings().empty()) std::printf("%s: %s\n", kind.c_str(), stores->settings().c_str());
        signwatch::measure_record(*stores, line, whole, size);
    }
    if (part == "all" || part == "documents") {
        for (const auto& [threads, in_flight] :
             {std::pair{8, 1}, std::pair{8, 16}, std::pair{8, 32}, std::pair{16, 32}}) {
            signwatch::measure_documents(directory, size > 0 ? size : 100 * (in_flight + 1), threads, in_flight);
        }
    }
    if (part == "all" || part == "open") {
        for (int i = 0; i < 3; ++i)
            signwatch::measure_open(directory);
    }
    std::filesystem::remove_all(directory);
    return 0;
}
