#include "core/telemetry/log.hpp"

#include <limits>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/domain/sensitive.hpp"
#include "core/telemetry/callsite_limiter.hpp"
#include "core/telemetry/redaction.hpp"

namespace signwatch::telemetry {
namespace {

using namespace std::chrono_literals;

template <typename T>
constexpr bool can_be_field = requires(const T& value) {
    Field("name", value);
};

static_assert(can_be_field<std::string> && can_be_field<int> && can_be_field<bool> && can_be_field<ProcessState>);
static_assert(can_be_field<milliseconds> && can_be_field<std::uint64_t> && can_be_field<char[4]>);
static_assert(!can_be_field<Sensitive>, "signing URLs and personal data must not reach a log line");
static_assert(!can_be_field<Secret>, "credentials must not reach a log line");
static_assert(!can_be_field<std::vector<std::string>>);

struct LogTest : ::testing::Test {
    std::ostringstream out;

    std::vector<nlohmann::json> lines() const {
        std::vector<nlohmann::json> result;
        std::istringstream text(out.str());
        for (std::string line; std::getline(text, line);)
            result.push_back(nlohmann::json::parse(line));
        return result;
    }
};

TEST_F(LogTest, a_line_is_one_json_object_with_its_fields) {
    Log log(LogFormat::json, Level::info, out);
    log.logger("scheduler")
        .info("poll answered",
              {{"account", std::string("acme")},
               {"updates", 3},
               {"late_ms", milliseconds{-7}},
               {"ratio", 0.5},
               {"endless", std::numeric_limits<double>::infinity()},
               {"again", false},
               {"state", ProcessState::in_progress}});
    const auto written = lines();
    ASSERT_EQ(written.size(), 1U);
    const nlohmann::json& line = written[0];
    EXPECT_TRUE(line["ts"].get<std::string>().ends_with("Z"));
    EXPECT_EQ(line["level"], "info");
    EXPECT_EQ(line["component"], "scheduler");
    EXPECT_EQ(line["msg"], "poll answered");
    EXPECT_EQ(line["account"], "acme");
    EXPECT_EQ(line["updates"], 3);
    EXPECT_EQ(line["late_ms"], -7);
    EXPECT_EQ(line["ratio"], 0.5);
    EXPECT_TRUE(line["endless"].is_null());
    EXPECT_EQ(line["again"], false);
    EXPECT_EQ(line["state"], name_of(ProcessState::in_progress));
}

TEST_F(LogTest, hostile_text_stays_on_its_line_and_inside_its_quotes) {
    Log log(LogFormat::json, Level::info, out);
    const std::string hostile =
        std::string("a\n{\"level\":\"error\"}\r\t\0\x1b[31m", 27) + "\x7f\xc2\x9b\xff\xed\xa0\x80\xe2\x82 \xc3\xa6\"\\";
    log.logger("test").warn("status", {{"word", hostile}});
    EXPECT_EQ(out.str().find('\n'), out.str().size() - 1);
    for (const char c : out.str())
        EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << static_cast<int>(c);
    const std::string word = lines().at(0)["word"];
    EXPECT_TRUE(word.starts_with("a\n{\"level\":\"error\"}\r\t"));
    EXPECT_TRUE(word.ends_with(" \xc3\xa6\"\\"));
    EXPECT_EQ(out.str().find("\xc2\x9b"), std::string::npos);
}

TEST_F(LogTest, text_format_is_for_people) {
    Log log(LogFormat::text, Level::info, out);
    log.logger("relay").warn("publishing failed",
                             {{"code", "redis_io"}, {"error", "broken pipe\n"}, {"wait_ms", 250ms}});
    EXPECT_TRUE(
        out.str().ends_with(" warn  relay: publishing failed code=redis_io error=\"broken pipe\\n\" wait_ms=250\n"))
        << out.str();
}

TEST_F(LogTest, levels_change_while_running) {
    Log log(LogFormat::json, Level::warn, out);
    const Logger logger = log.logger("test");
    logger.info("unheard");
    log.set_level(Level::debug);
    logger.debug("heard");
    log.set_level(Level::off);
    logger.error("unheard");
    EXPECT_EQ(log.level(), Level::off);
    ASSERT_EQ(lines().size(), 1U);
    EXPECT_EQ(lines()[0]["msg"], "heard");
    EXPECT_EQ(log.messages(Level::debug), 1U);
    EXPECT_EQ(log.messages(Level::error), 0U);
}

TEST(Level, names_are_inverse) {
    for (const Level level : {Level::trace, Level::debug, Level::info, Level::warn, Level::error, Level::off}) {
        EXPECT_EQ(level_from(name_of(level)), level);
    }
    EXPECT_FALSE(level_from("verbose"));
}

TEST_F(LogTest, a_place_that_logs_too_often_is_silenced_alone) {
    Log log(LogFormat::json, Level::info, out);
    const Logger logger = log.logger("test");
    for (std::uint64_t i = 0; i < Log::burst + 25; ++i)
        logger.info("flood");
    logger.info("another place");
    EXPECT_EQ(lines().size(), Log::burst + 1);
    EXPECT_EQ(log.suppressed(), 25U);
    EXPECT_EQ(lines().back()["msg"], "another place");
}

TEST(CallsiteLimiter, says_afterwards_how_much_it_held_back) {
    CallsiteLimiter limiter(2);
    const CallsiteLimiter::Time start{};
    const Callsite place{"a.cpp", 7, "relay"};
    EXPECT_TRUE(limiter.admit(place, start));
    EXPECT_TRUE(limiter.admit(place, start));
    EXPECT_FALSE(limiter.admit(place, start));
    EXPECT_FALSE(limiter.admit(place, start + 9s));
    EXPECT_TRUE(limiter.take_suppressed(start + 9s).empty());
    const auto held_back = limiter.take_suppressed(start + 10s);
    ASSERT_EQ(held_back.size(), 1U);
    EXPECT_EQ(held_back[0].first, place);
    EXPECT_EQ(held_back[0].second, 2U);
    EXPECT_TRUE(limiter.admit(place, start + 10s));
    EXPECT_TRUE(limiter.take_suppressed(start + 30s).empty());
}

TEST(CallsiteLimiter, a_quiet_place_starts_afresh_after_its_window) {
    CallsiteLimiter limiter(1);
    const CallsiteLimiter::Time start{};
    EXPECT_TRUE(limiter.admit({"a.cpp", 1, ""}, start));
    EXPECT_TRUE(limiter.admit({"a.cpp", 2, ""}, start));
    EXPECT_TRUE(limiter.admit({"a.cpp", 1, ""}, start + 10s));
    EXPECT_FALSE(limiter.admit({"a.cpp", 1, ""}, start + 11s));
}

TEST_F(LogTest, threads_write_whole_lines) {
    Log log(LogFormat::json, Level::info, out);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([logger = log.logger("thread-" + std::to_string(t))] {
            for (int i = 0; i < 40; ++i)
                logger.info("line", {{"i", i}});
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(lines().size(), 160U);
    EXPECT_EQ(log.messages(Level::info), 160U);
}

struct Masking {
    std::string text;
    std::string masked;
    std::uint64_t count;
};

TEST(Redaction, masks_what_looks_like_personal_data_or_a_bearer_url) {
    const std::string digest = "01019012345" + std::string(53, 'a');
    const std::vector<Masking> cases{
        {"signer 01019012345 refused", "signer [number] refused", 1},
        {"fnr=010190 12345, fnr=010190-12345", "fnr=[number], fnr=[number]", 2},
        {"x01019012345", "x[number]", 1},
        {"1763840000000-0 and 0101901234", "1763840000000-0 and 0101901234", 0},
        {digest, digest, 0},
        {"mail ola.nordmann+x@example.no!", "mail [e-mail]!", 1},
        {"unit signwatch@1", "unit signwatch@1", 0},
        {"GET https://api.example.no/api/1/direct?token=abc failed", "GET https://api.example.no/[masked] failed", 1},
        {"HTTPS://Host/secret", "https://Host/[masked]", 1},
        {"see http://user:pw@host:80", "see http://host:80/[masked]", 1},
        {"(https://host/a) (https://host)", "(https://host/[masked]) (https://host)", 1},
        {"https://host?token=1", "https://host/[masked]", 1},
        {"", "", 0},
    };
    for (const Masking& wanted : cases) {
        std::uint64_t count = 0;
        EXPECT_EQ(redact(wanted.text, count), wanted.masked);
        EXPECT_EQ(count, wanted.count) << wanted.text;
    }
}

TEST_F(LogTest, masks_every_text_of_a_line_and_counts_it) {
    Log log(LogFormat::json, Level::info, out);
    log.logger("test").error("refused for 01019012345", {{"error", "https://host/secret"}, {"process", "4711"}});
    EXPECT_EQ(lines()[0]["msg"], "refused for [number]");
    EXPECT_EQ(lines()[0]["error"], "https://host/[masked]");
    EXPECT_EQ(lines()[0]["process"], "4711");
    EXPECT_EQ(log.redactions(), 2U);
}

}  // namespace
}  // namespace signwatch::telemetry
