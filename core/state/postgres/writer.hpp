#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/ports/progress.hpp"
#include "core/state/postgres/database.hpp"
#include "core/state/shared/lane.hpp"

namespace signwatch::postgres {

using state::Access;
using Operation = state::Operation<Database>;
using Batch = state::Batch<Database>;
using Lane = state::Lane<Database>;

/// In whose name a store writes. A member's token may be lost and taken anew while the store's threads work.
class Membership {
public:
    /// `required`: without a token nothing is written; else nobody asks for one (a tool beside the daemons).
    explicit Membership(bool required) : required_(required) {}

    bool required() const { return required_; }
    std::optional<std::int64_t> token() const {
        const std::int64_t token = token_.load();
        return token > 0 ? std::optional(token) : std::nullopt;
    }
    void set(std::int64_t token) { token_.store(token); }
    void lose() { token_.store(0); }

private:
    const bool required_;
    std::atomic<std::int64_t> token_{0};
};

/// What a writer does around each transaction; on the writer's thread.
struct Around {
    std::function<void(Database&)> before_commit;
    std::function<void()> on_rollback;
};

/// One connection that writes, batch by batch: all calls of a batch share a transaction that begins by proving the
/// lease. A call that throws is undone alone: the batch is done again, each call in a transaction of its own, so calls
/// may run twice and must not mind. A lost connection is made anew and the batch done again; if it was lost during
/// COMMIT, the row in `writer` tells first whether that has happened. One thread.
class Writer {
public:
    Writer(const Server& server, const Membership& membership, Progress& progress, Around around);
    /// Removes its row, if it still can.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Performs the batch and tells every caller.
    void serve(Batch& batch);
    /// Runs `work` in a transaction that proves no lease. Throws Error.
    void unfenced(const std::function<void(Database&)>& work);

private:
    enum class Outcome { committed, lost, refused };

    void perform(Operation* const* begin, Operation* const* end);
    Outcome attempt(Operation* const* begin, Operation* const* end);
    Outcome commit(Operation* const* begin, Operation* const* end);
    Outcome resolve_doubt();
    void prove_lease();
    void undo();
    void connect();
    bool reconnect(std::chrono::milliseconds patience);

    Database database_;
    const Membership& membership_;
    Progress& progress_;
    Around around_;
    std::string id_;
    std::int64_t batch_ = 0;
    std::exception_ptr failure_;  ///< of the latest attempt
};

}  // namespace signwatch::postgres
