#include "core/pipeline/backoff.hpp"

#include <algorithm>

namespace signwatch::pipeline {

milliseconds Backoff::after(const Error& error, int failures, const AccountTerms& terms) {
    milliseconds delay = between(terms.first_backoff, terms.longest_backoff, failures);
    if (error.kind() == ErrorKind::unauthorized) delay = jittered(6 * terms.longest_backoff);
    return std::max(delay, error.retry_after().value_or(milliseconds{0}));
}

milliseconds Backoff::between(milliseconds first, milliseconds longest, int failures) {
    const int doublings = std::clamp(failures - 1, 0, 20);
    return jittered(std::min(longest, first * (std::int64_t{1} << doublings)));
}

milliseconds Backoff::spread(milliseconds wait) {
    std::uniform_int_distribution<std::int64_t> extra(0, wait.count() / 50);
    return wait + milliseconds{extra(random_)};
}

milliseconds Backoff::jittered(milliseconds delay) {
    std::uniform_int_distribution<std::int64_t> extra(0, delay.count() / 4);
    return delay + milliseconds{extra(random_)};
}

}  // namespace signwatch::pipeline
