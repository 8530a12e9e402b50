#pragma once

#include <cstdio>
#include <cstdlib>

namespace signwatch::fuzz {

/// Aborts, which the fuzzer reports with the input, unless the promise is kept.
inline void expect(bool kept, const char* promise) {
    if (kept) return;
    std::fprintf(stderr, "broken: %s\n", promise);
    std::abort();
}

}  // namespace signwatch::fuzz
