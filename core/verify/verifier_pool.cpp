#include "core/verify/verifier_pool.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "core/domain/error.hpp"
#include "core/verify/worker_process.hpp"
#include "core/verify/worker_protocol.hpp"

namespace signwatch::verify {
namespace {

/// Lends each worker process to one caller at a time. Any thread.
class WorkerPool {
public:
    explicit WorkerPool(VerifierSettings settings) : settings_(std::move(settings)) {
        idle_.reserve(static_cast<std::size_t>(settings_.workers));
    }

    /// Blocks until a worker is free; nullopt: start one.
    std::optional<WorkerProcess> take() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return lent_ < settings_.workers; });
        ++lent_;
        if (idle_.empty()) return std::nullopt;
        std::optional<WorkerProcess> worker(std::move(idle_.back()));
        idle_.pop_back();
        return worker;
    }

    /// Ends a loan; a worker without a future is not given back but destroyed.
    void give_back(std::optional<WorkerProcess> worker) {
        const std::lock_guard lock(mutex_);
        --lent_;
        if (worker && worker->documents() < settings_.documents_per_worker) idle_.push_back(std::move(*worker));
        changed_.notify_one();
    }

    WorkerProcess start() const { return {settings_.worker, settings_.timeout}; }
    std::chrono::milliseconds timeout() const { return settings_.timeout; }

private:
    const VerifierSettings settings_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<WorkerProcess> idle_;
    int lent_ = 0;
};

/// A place at the pool for the time of one document.
class Loan {
public:
    explicit Loan(WorkerPool& pool) : pool_(pool), worker_(pool.take()) {}
    ~Loan() { pool_.give_back(std::move(worker_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;

    Verification ask(DocumentKind kind, int descriptor, std::uint64_t size) {
        deliver(kind, descriptor, size);
        try {
            return decode_answer(worker_->receive(pool_.timeout()));
        } catch (const Error& error) {
            const bool document_refused = !error.code().starts_with("verifier_");
            if (!document_refused) worker_.reset();
            throw;
        }
    }

private:
    // A worker that died while it was idle is not the document's fault: a fresh one gets it.
    void deliver(DocumentKind kind, int descriptor, std::uint64_t size) {
        if (worker_ && worker_->send(kind, descriptor, size)) return;
        worker_.reset();
        worker_.emplace(pool_.start());
        if (worker_->send(kind, descriptor, size)) return;
        worker_.reset();
        throw Error(ErrorKind::transient, "verifier_down", "the verifier process does not take documents");
    }

    WorkerPool& pool_;
    std::optional<WorkerProcess> worker_;
};

class JailedVerifier final : public DocumentVerifier {
public:
    JailedVerifier(runtime::BlockingPool& pool, VerifierSettings settings)
        : pool_(pool), workers_(std::move(settings)) {}

    Task<Verification> verify(DocumentKind kind, int descriptor, std::uint64_t size) override {
        return runtime::offload(pool_,
                                [this, kind, descriptor, size] { return Loan(workers_).ask(kind, descriptor, size); });
    }

private:
    runtime::BlockingPool& pool_;
    WorkerPool workers_;
};

}  // namespace

std::unique_ptr<DocumentVerifier> make_verifier(runtime::BlockingPool& pool, VerifierSettings settings) {
    return std::make_unique<JailedVerifier>(pool, std::move(settings));
}

}  // namespace signwatch::verify
