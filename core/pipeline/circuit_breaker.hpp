#pragma once

#include "core/domain/time.hpp"
#include "core/pipeline/backoff.hpp"

namespace signwatch::pipeline {

/// Keeps an account from knocking at a door that stays shut: after several failures in a row its looks stop for a
/// while that doubles, then one probe goes first, and its answer opens the way for all. Event-loop thread.
class CircuitBreaker {
public:
    void succeeded();
    void failed(WallTime now, Backoff& backoff, const AccountTerms& terms);

    /// How many of `wanted` looks may begin now: all, one probe, or none.
    std::size_t admits(WallTime now, std::size_t wanted, std::size_t under_way) const;

    bool open() const { return failures_ >= threshold; }
    WallTime opens_again() const { return open() ? closed_until_ : WallTime{}; }

private:
    static constexpr int threshold = 5;

    int failures_ = 0;
    WallTime closed_until_{};
};

}  // namespace signwatch::pipeline
