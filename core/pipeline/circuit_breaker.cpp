#include "core/pipeline/circuit_breaker.hpp"

#include <algorithm>

namespace signwatch::pipeline {

void CircuitBreaker::succeeded() {
    failures_ = 0;
    closed_until_ = WallTime{};
}

// Looks that were under way when it opened fail too: they do not make the pause longer.
void CircuitBreaker::failed(WallTime now, Backoff& backoff, const AccountTerms& terms) {
    if (open() && now < closed_until_) return;
    ++failures_;
    if (!open()) return;
    closed_until_ = now + backoff.between(terms.first_backoff, terms.longest_backoff, failures_ - threshold + 1);
}

std::size_t CircuitBreaker::admits(WallTime now, std::size_t wanted, std::size_t under_way) const {
    if (!open()) return wanted;
    if (now < closed_until_ || under_way > 0) return 0;
    return std::min<std::size_t>(wanted, 1);
}

}  // namespace signwatch::pipeline
