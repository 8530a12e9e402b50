// Every input of the corpora once, without a fuzzer.
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/fuzz/targets.hpp"

namespace signwatch::fuzz {
namespace {

namespace fs = std::filesystem;

std::size_t replay(const std::string& name, void (*target)(std::string_view)) {
    std::size_t inputs = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(SIGNWATCH_FUZZ_CORPUS) / name)) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        SCOPED_TRACE(entry.path().filename().string());
        EXPECT_NO_THROW(target(bytes));
        for (std::size_t half = bytes.size() / 2; half > 0; half /= 2)
            EXPECT_NO_THROW(target(std::string_view(bytes).substr(0, half)));
        ++inputs;
    }
    return inputs;
}

TEST(FuzzCorpus, of_the_inbound_listener_breaks_no_promise) {
    EXPECT_GE(replay("inbound_http", inbound_http), 12U);
}

TEST(FuzzCorpus, of_webhooks_of_adobe_breaks_no_promise) {
    EXPECT_GE(replay("adobe_webhook", adobe_webhook), 8U);
}

TEST(FuzzCorpus, of_webhooks_of_arqsign_breaks_no_promise) {
    EXPECT_GE(replay("arqsign_webhook", arqsign_webhook), 10U);
}

}  // namespace
}  // namespace signwatch::fuzz
