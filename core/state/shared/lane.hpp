#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/ports/task.hpp"

/// What the stores on a database have in common: calls that queue up for a thread. `Database` is the store's own
/// connection.
namespace signwatch::state {

enum class Access {
    read,
    write,
    update_commit,  ///< a write that moves an update past commit: its COMMIT is a step of the line
};

/// One queued call on the store.
template <typename Database>
class Operation {
public:
    explicit Operation(Access access) : access_(access) {}
    virtual ~Operation() = default;

    virtual void run(Database& database) = 0;
    virtual boost::asio::any_io_executor caller() const = 0;
    /// Lets go of what the caller gave, so that it is gone before the caller goes on, and of the caller's loop.
    virtual void let_go() = 0;
    /// Tells the caller the outcome, on its executor.
    virtual void answer() = 0;

    Access access() const { return access_; }
    /// What it will lock, where that matters: batches that lock several things do so in the same order.
    const std::string& lock() const { return lock_; }
    void will_lock(std::string what) { lock_ = std::move(what); }
    bool failed() const { return error_ != nullptr; }
    void fail(std::exception_ptr error) { error_ = std::move(error); }

protected:
    std::exception_ptr error_;

private:
    Access access_;
    std::string lock_;
};

template <typename Database>
using Batch = std::vector<std::unique_ptr<Operation<Database>>>;

/// Brings the outcomes to their callers, several at once where these wait on the same executor: waking another thread
/// costs more than all that is done there. On the store's thread, which keeps the callers' loop until it has woken it.
template <typename Database>
void finish(Batch<Database> batch) {
    constexpr std::ptrdiff_t most_at_once = 64;  // then the caller's loop looks at its other events
    for (auto begin = batch.begin(); begin != batch.end();) {
        const boost::asio::any_io_executor executor = (*begin)->caller();
        auto guard = boost::asio::make_work_guard(executor);
        auto end = begin;
        for (; end != batch.end() && end - begin < most_at_once && (*end)->caller() == executor; ++end)
            (*end)->let_go();
        boost::asio::post(
            executor, [part = Batch<Database>(std::make_move_iterator(begin), std::make_move_iterator(end))]() mutable {
                for (auto& operation : part) {
                    operation->answer();
                    operation.reset();
                }
            });
        guard.reset();
        begin = end;
    }
}

template <typename Database>
void finish(std::unique_ptr<Operation<Database>> operation) {
    Batch<Database> alone;
    alone.push_back(std::move(operation));
    finish(std::move(alone));
}

/// A queue and the thread that empties it, some operations at a time.
template <typename Database>
class Lane {
public:
    Lane(const char* thread_name, std::size_t largest_batch, std::function<void(Batch<Database>&)> serve)
        : largest_batch_(largest_batch), serve_(std::move(serve)) {
        thread_ = std::thread([this] {
            for (Batch<Database> batch = take(); !batch.empty(); batch = take())
                serve_(batch);
        });
        ::pthread_setname_np(thread_.native_handle(), thread_name);
    }
    /// Serves what is queued first.
    ~Lane() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        arrived_.notify_one();
        thread_.join();
    }
    Lane(const Lane&) = delete;
    Lane& operator=(const Lane&) = delete;

    void add(std::unique_ptr<Operation<Database>> operation) {
        bool idle = false;
        {
            const std::lock_guard lock(mutex_);
            idle = queue_.empty();
            queue_.push_back(std::move(operation));
        }
        if (idle) arrived_.notify_one();
    }
    bool empty() {
        const std::lock_guard lock(mutex_);
        return queue_.empty();
    }

private:
    Batch<Database> take() {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (queue_.size() <= largest_batch_) return std::exchange(queue_, {});
        const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(largest_batch_);
        Batch<Database> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
        queue_.erase(queue_.begin(), end);
        return batch;
    }

    std::size_t largest_batch_;
    std::function<void(Batch<Database>&)> serve_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    Batch<Database> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

namespace detail {

template <typename Result>
struct Completion {
    using Signature = void(std::exception_ptr, Result);
    std::optional<Result> value;

    template <typename Work, typename Database>
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

    template <typename Work, typename Database>
    void set_from(Work& work, Database& database) {
        work(database);
    }
    template <typename Handler>
    void deliver(Handler& handler, std::exception_ptr error) {
        handler(std::move(error));
    }
};

template <typename Database, typename Work, typename Handler>
class QueuedOperation : public Operation<Database> {
public:
    QueuedOperation(Access access, Work work, Handler handler)
        : Operation<Database>(access),
          work_(std::move(work)),
          handler_(std::move(handler)),
          caller_(boost::asio::make_work_guard(boost::asio::get_associated_executor(handler_))) {}

    void run(Database& database) override { completion_.set_from(*work_, database); }

    boost::asio::any_io_executor caller() const override { return caller_.get_executor(); }
    void let_go() override {
        work_.reset();
        caller_.reset();
    }
    void answer() override { completion_.deliver(handler_, std::move(this->error_)); }

private:
    std::optional<Work> work_;
    Handler handler_;
    boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> caller_;
    Completion<std::invoke_result_t<Work&, Database&>> completion_;
};

}  // namespace detail

/// Gives `work(Database&)` to `enqueue` as an operation, and resumes the caller on its own executor with the outcome.
/// `work` owns what it uses.
template <typename Database, typename Enqueue, typename Work>
auto submit(Access access, Enqueue enqueue, Work work) -> Task<std::invoke_result_t<Work&, Database&>> {
    using Signature = typename detail::Completion<std::invoke_result_t<Work&, Database&>>::Signature;
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, Signature>(
        [access, enqueue](auto handler, Work moved) {
            using Queued = detail::QueuedOperation<Database, Work, decltype(handler)>;
            enqueue(std::make_unique<Queued>(access, std::move(moved), std::move(handler)));
        },
        boost::asio::use_awaitable,
        std::move(work));
}

}  // namespace signwatch::state
