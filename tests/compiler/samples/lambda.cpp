// What rules 2 and 6 forbid: a capturing lambda made inside the co_await expression. g++ 12 frees its capture twice.
#include <cstdio>
#include <string>

#include "tests/compiler/lazy.hpp"

using signwatch::canary::Lazy;

namespace {

template <typename Work>
Lazy<int> perform(Work work) {
    co_return work();
}

Lazy<int> call() {
    const std::string text = "a text that is too long for the small string buffer";
    co_return co_await perform([text] { return static_cast<int>(text.size()); });
}

}  // namespace

int main() {
    std::printf("%d\n", call().run());
}
