#pragma once

#include <cstdint>
#include <random>

#include "core/domain/error.hpp"
#include "core/ports/provider.hpp"

namespace signwatch::pipeline {

/// How long to stay away after a failure. Doubles from the account's first to its longest back-off, with up to a
/// quarter of jitter on top, so that neither a herd nor a hammer forms. What the other side asked for is never
/// shortened.
class Backoff {
public:
    explicit Backoff(std::uint64_t seed) : random_(seed) {}

    /// `failures` in a row, at least 1. Refused credentials are tried again hourly (posten-arqsign 1.11), whatever the
    /// count.
    milliseconds after(const Error& error, int failures, const AccountTerms& terms);

    /// A wait that many watches share, a little longer for each, so that they do not stay in step.
    milliseconds spread(milliseconds wait);

    /// The same rule between two bounds, for our own dependencies.
    milliseconds between(milliseconds first, milliseconds longest, int failures);

private:
    milliseconds jittered(milliseconds delay);

    std::mt19937_64 random_;
};

}  // namespace signwatch::pipeline
