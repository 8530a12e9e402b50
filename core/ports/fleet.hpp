#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/domain/time.hpp"
#include "core/ports/task.hpp"

namespace signwatch {

/// This daemon as one of several that share a record. Its membership is a lease with a fencing token: every write of
/// the store proves in its own transaction that the lease still holds, else it fails with Error(cancelled,
/// "lease_lost") and has done nothing. Part of every StateStore; a store for one daemon alone keeps what stands here.
class Fleet {
public:
    virtual ~Fleet() = default;

    /// Becomes a member under a new token. What an earlier membership of ours had in hand is free for everybody.
    virtual Task<void> join() { co_return; }
    /// Extends the lease, and frees what dead members had in hand. False: it has run out, and only `join` helps.
    virtual Task<bool> beat() { co_return true; }
    /// How often `beat` has to be called; nullopt: never, we are alone.
    virtual std::optional<milliseconds> beat_interval() const { return std::nullopt; }

    /// True if this daemon holds the office ("relay") now: nobody else does until its lease has ended.
    virtual Task<bool> lead(std::string /*office*/) { co_return true; }

    /// The schedule timeline that all members share, as an offset to this machine's time since boot. `ours` is the
    /// offset we have gone by so far, `synchronised` whether it came from here. nullopt: keep ours.
    virtual Task<std::optional<milliseconds>> timeline(milliseconds ours, bool /*synchronised*/) {
        static_cast<void>(ours);
        co_return std::nullopt;
    }
};

}  // namespace signwatch
