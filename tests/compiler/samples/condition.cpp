// What rule 1 forbids. g++ 12 compiles it without a warning and takes the wrong branch: it prints 0 where 1 is right.
#include <cstdio>

#include "tests/compiler/lazy.hpp"

using signwatch::canary::Lazy;

namespace {

Lazy<bool> yes() {
    co_return true;
}

Lazy<int> branch() {
    if (co_await yes()) co_return 1;
    co_return 0;
}

}  // namespace

int main() {
    std::printf("%d\n", branch().run());
}
