#include "core/state/sqlite/group_commit.hpp"

#include <algorithm>

namespace signwatch::sqlite {
namespace {

constexpr std::size_t largest_batch = 2'048;
constexpr int checkpoint_when_idle_pages = 1000;
constexpr int checkpoint_always_pages = 8000;

bool contains(const std::vector<std::unique_ptr<Operation>>& batch, Access access) {
    return std::any_of(batch.begin(), batch.end(), [access](const auto& each) { return each->access() == access; });
}

int note_pages(void* pages, sqlite3* /*handle*/, const char* /*name*/, int count) {
    *static_cast<int*>(pages) = count;
    return SQLITE_OK;
}

}  // namespace

GroupCommit::GroupCommit(Database database,
                         Progress& progress,
                         std::function<void(Database&)> admit,
                         std::function<void()> on_rollback)
    : database_(std::move(database)),
      progress_(progress),
      admit_(std::move(admit)),
      on_rollback_(std::move(on_rollback)),
      writes_("state", largest_batch, [this](Batch& batch) { write(batch); }),
      reads_("state-reads", largest_batch, [this](Batch& batch) { read(batch); }) {
    sqlite3_wal_hook(database_.handle(), note_pages, &wal_pages_);
}

void GroupCommit::enqueue(std::unique_ptr<Operation> operation) {
    Lane& lane = operation->access() == Access::read ? reads_ : writes_;
    lane.add(std::move(operation));
}

void GroupCommit::write(Batch& batch) {
    perform(batch);
    state::finish(std::move(batch));
    checkpoint_if_worthwhile();
}

void GroupCommit::begin() {
    database_.execute("BEGIN IMMEDIATE");
    admit_(database_);
}

// Savepoints cost as much as the small writes between them, and calls hardly ever throw: so first without.
void GroupCommit::perform(Batch& batch) {
    if (!perform_together(batch)) perform_each(batch);
}

// False: a call has thrown and all was undone; its work has to be done again, each on its own.
bool GroupCommit::perform_together(Batch& batch) {
    bool committing = false;
    try {
        begin();
        for (const auto& operation : batch)
            operation->run(database_);
        committing = true;
        commit(batch);
        return true;
    } catch (...) {
        if (committing) fail_all(batch, std::current_exception());
        undo();
        return committing;
    }
}

void GroupCommit::perform_each(Batch& batch) {
    try {
        begin();
        for (const auto& operation : batch)
            attempt(*operation);
        commit(batch);
    } catch (...) {
        fail_all(batch, std::current_exception());
        undo();
    }
}

void GroupCommit::fail_all(Batch& batch, const std::exception_ptr& error) {
    for (const auto& operation : batch) {
        if (!operation->failed()) operation->fail(error);
    }
}

void GroupCommit::undo() {
    sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
    on_rollback_();
}

void GroupCommit::attempt(Operation& operation) {
    database_.execute("SAVEPOINT operation");
    try {
        operation.run(database_);
    } catch (...) {
        operation.fail(std::current_exception());
        if (!database_.in_transaction()) throw;  // SQLite undid everything (disk full, I/O error)
        database_.execute("ROLLBACK TO operation");
    }
    database_.execute("RELEASE operation");
}

void GroupCommit::commit(const Batch& batch) {
    const bool is_step = contains(batch, Access::update_commit);
    if (is_step) progress_.reached(Step::commit_begun);
    database_.execute("COMMIT");
    if (is_step) progress_.reached(Step::commit_done);
}

// Copying the write-ahead log back takes tens of milliseconds: after the callers were told, and rather while nobody
// waits.
void GroupCommit::checkpoint_if_worthwhile() {
    if (wal_pages_ < checkpoint_when_idle_pages) return;
    if (wal_pages_ < checkpoint_always_pages && !writes_.empty()) return;
    sqlite3_wal_checkpoint_v2(database_.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    wal_pages_ = 0;
}

void GroupCommit::read(Batch& batch) {
    for (auto& operation : batch) {
        look(*operation);
        state::finish(std::move(operation));
    }
}

void GroupCommit::open_reader() {
    Database reader(sqlite3_db_filename(database_.handle(), "main"), Database::Mode::read_only);
    reader.script("PRAGMA cache_size = -500");
    reader_.emplace(std::move(reader));
}

// In a transaction, so that several statements see the same state.
void GroupCommit::look(Operation& operation) {
    try {
        if (!reader_) open_reader();
        reader_->execute("BEGIN");
        operation.run(*reader_);
    } catch (...) {
        operation.fail(std::current_exception());
    }
    if (reader_ && reader_->in_transaction()) sqlite3_exec(reader_->handle(), "COMMIT", nullptr, nullptr, nullptr);
}

}  // namespace signwatch::sqlite
