#pragma once

#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/ports/progress.hpp"
#include "core/ports/task.hpp"
#include "core/state/sqlite/database.hpp"

namespace signwatch::sqlite {

enum class Access {
    read,
    write,
    update_commit,  ///< a write that moves an update past commit: its COMMIT is a step of the line
};

/// One queued call on the store.
class Operation {
public:
    explicit Operation(Access access) : access_(access) {}
    virtual ~Operation() = default;

    virtual void run(Database& database) = 0;
    /// Brings the outcome to the caller's executor.
    virtual void finish() = 0;

    Access access() const { return access_; }
    bool failed() const { return error_ != nullptr; }
    void fail(std::exception_ptr error) { error_ = std::move(error); }

protected:
    std::exception_ptr error_;

private:
    Access access_;
};

using Batch = std::vector<std::unique_ptr<Operation>>;

/// A queue and the thread that empties it, some operations at a time.
class Lane {
public:
    Lane(const char* thread_name, std::function<void(Batch&)> serve);
    /// Serves what is queued first.
    ~Lane();
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    void add(std::unique_ptr<Operation> operation);
    bool empty();

private:
    Batch take();

    std::function<void(Batch&)> serve_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    Batch queue_;
    bool stopping_ = false;
    std::thread thread_;
};

/// The store's threads. One takes all writing calls that have queued up, runs them in one transaction, commits, and
/// then answers all: many callers share one fsync, and nobody waits for company. A call that throws undoes itself
/// alone: the transaction is begun again with a savepoint for each, so calls may run twice and must not mind. A COMMIT
/// that fails, fails all of its transaction. The other runs what only reads, on a connection of its own that sees what
/// is committed: reading waits for no fsync. Destroying it finishes what was queued.
class GroupCommit {
public:
    /// `on_rollback` is called on the writing thread when a whole transaction was lost.
    GroupCommit(Database database, Progress& progress, std::function<void()> on_rollback);
    GroupCommit(const GroupCommit&) = delete;
    GroupCommit& operator=(const GroupCommit&) = delete;

    /// Runs `work(Database&)` on a thread of the store and resumes the caller when its result is durable. `work` owns
    /// what it uses.
    template <typename Work>
    auto submit(Access access, Work work) -> Task<std::invoke_result_t<Work&, Database&>>;

private:
    void enqueue(std::unique_ptr<Operation> operation);
    void write(Batch& batch);
    void perform(Batch& batch);
    bool perform_together(Batch& batch);
    void perform_each(Batch& batch);
    static void fail_all(Batch& batch, const std::exception_ptr& error);
    void undo();
    void attempt(Operation& operation);
    void commit(const Batch& batch);
    void checkpoint_if_worthwhile();
    void read(Batch& batch);
    void open_reader();
    void look(Operation& operation);

    Database database_;
    std::optional<Database> reader_;  ///< opened by the first call that reads
    Progress& progress_;
    std::function<void()> on_rollback_;
    int wal_pages_ = 0;
    Lane writes_;
    Lane reads_;
};

namespace detail {

template <typename Result>
struct Completion {
    using Signature = void(std::exception_ptr, Result);
    std::optional<Result> value;

    template <typename Work>
    void set_from(Work& work, Database& database) {
        value.emplace(work(database));
    }
    template <typename Handler>
    void deliver(Handler& handler, std::exception_ptr error) {
        if (error)
            handler(std::move(error), Result{});
        else
            handler(nullptr, std::move(*value));
    }
};

template <>
struct Completion<void> {
    using Signature = void(std::exception_ptr);

    template <typename Work>
    void set_from(Work& work, Database& database) {
        work(database);
    }
    template <typename Handler>
    void deliver(Handler& handler, std::exception_ptr error) {
        handler(std::move(error));
    }
};

template <typename Work, typename Handler>
class QueuedOperation : public Operation {
public:
    QueuedOperation(Access access, Work work, Handler handler)
        : Operation(access),
          work_(std::move(work)),
          handler_(std::move(handler)),
          caller_(boost::asio::make_work_guard(boost::asio::get_associated_executor(handler_))) {}

    void run(Database& database) override { completion_.set_from(*work_, database); }

    void finish() override {
        work_.reset();  // what the caller gave is gone before the caller goes on
        const auto executor = caller_.get_executor();
        auto deliver = [handler = std::move(handler_),
                        completion = std::move(completion_),
                        error = std::move(error_)]() mutable { completion.deliver(handler, std::move(error)); };
        boost::asio::post(executor, std::move(deliver));
        caller_.reset();
    }

private:
    std::optional<Work> work_;
    Handler handler_;
    boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> caller_;
    Completion<std::invoke_result_t<Work&, Database&>> completion_;
};

}  // namespace detail

template <typename Work>
auto GroupCommit::submit(Access access, Work work) -> Task<std::invoke_result_t<Work&, Database&>> {
    using Signature = typename detail::Completion<std::invoke_result_t<Work&, Database&>>::Signature;
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, Signature>(
        [this, access](auto handler, Work moved) {
            using Queued = detail::QueuedOperation<Work, decltype(handler)>;
            enqueue(std::make_unique<Queued>(access, std::move(moved), std::move(handler)));
        },
        boost::asio::use_awaitable,
        std::move(work));
}

}  // namespace signwatch::sqlite
