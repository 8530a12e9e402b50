// What rule 2 forbids: an aggregate made inside the co_await expression. g++ 12 frees it twice.
#include <cstdio>
#include <string>

#include "tests/compiler/lazy.hpp"

using signwatch::canary::Lazy;

namespace {

struct Request {
    std::string url;
};

Lazy<int> length(Request request) {
    co_return static_cast<int>(request.url.size());
}

Lazy<int> call() {
    co_return co_await length({.url = "a text that is too long for the small string buffer"});
}

}  // namespace

int main() {
    std::printf("%d\n", call().run());
}
