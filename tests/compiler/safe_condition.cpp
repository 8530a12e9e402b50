#include <cstdio>

#include "tests/compiler/lazy.hpp"

using signwatch::canary::Lazy;

namespace {

Lazy<bool> yes() {
    co_return true;
}

Lazy<int> branch() {
    const bool answer = co_await yes();
    if (answer) co_return 1;
    co_return 0;
}

}  // namespace

int main() {
    std::printf("%d\n", branch().run());
}
