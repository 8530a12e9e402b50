#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/cli/fake_record.hpp"

namespace signwatch::cli {
namespace {

using nlohmann::json;
using testing::at;
using testing::event;
using ::testing::HasSubstr;
using testing::Terminal;

TEST(Tail, PrintsWhatWasPublishedAndConfirmed) {
    Terminal terminal;
    terminal.record.events = {event(1772618400001, "4711", "done")};
    EXPECT_EQ(terminal.run_with_store({"events", "tail", "--from", "beginning", "--count", "1"}), 0);
    EXPECT_EQ(terminal.out,
              "2026-03-04T10:00:00.000Z  1772618400001-0  bank/4711  completed  pades 198.4 KiB 3f2a9c01e777, "
              "xades[2] 9120 B ab  confirmed\n");
    EXPECT_EQ(terminal.now, at(0)) << "waited";
}

TEST(Tail, BeginsWithWhatComesNext) {
    Terminal terminal;
    terminal.record.events = {event(1, "old", "done")};
    terminal.on_pause = [&](int pauses) {
        if (pauses == 2) terminal.record.events.push_back(event(2, "new", "none"));
    };
    EXPECT_EQ(terminal.run_with_store({"events", "tail", "--count", "1"}), 0);
    EXPECT_THAT(terminal.out, HasSubstr("bank/new"));
    EXPECT_THAT(terminal.out, HasSubstr("nothing to confirm"));
}

TEST(Tail, WaitsForPublicationAndConfirmation) {
    Terminal terminal;
    terminal.record.events = {event(1, "4711", "pending")};
    terminal.record.events[0].published = false;
    terminal.on_pause = [&](int pauses) {
        if (pauses == 30) terminal.record.events[0].published = true;
        if (pauses == 35) terminal.record.events[0].acknowledgement = "done";
    };
    EXPECT_EQ(terminal.run_with_store({"events", "tail", "--from", "beginning", "--count", "1"}), 0);
    EXPECT_THAT(terminal.out, HasSubstr("confirmed\n"));
    EXPECT_EQ(terminal.now, at(0) + milliseconds{3'500});
}

TEST(Tail, GivesAConfirmationTwoSeconds) {
    Terminal terminal;
    terminal.record.events = {event(1, "4711", "pending"), event(2, "4712", "pending"), event(3, "4713", "done")};
    EXPECT_EQ(terminal.run_with_store({"events", "tail", "--from", "beginning", "--count", "3"}), 0);
    EXPECT_THAT(terminal.out, HasSubstr("not confirmed yet"));
    EXPECT_LT(terminal.out.find("4712"), terminal.out.find("4713")) << "out of order";
    EXPECT_EQ(terminal.now, at(2)) << "one after the other";
}

TEST(Tail, EndsAtItsTimeout) {
    Terminal terminal;
    EXPECT_EQ(terminal.run_with_store({"events", "tail", "--timeout", "1.5"}), 0);
    EXPECT_EQ(terminal.now, at(0) + milliseconds{1'500});
    terminal.record.events = {event(1, "4711", "done")};
    EXPECT_EQ(terminal.run_with_store({"events", "tail", "--from", "beginning", "--timeout", "1", "--count", "2"}), 1);
    EXPECT_THAT(terminal.err, HasSubstr("only 1 of 2 events came in time"));
}

TEST(Tail, FollowsPagesOfEvents) {
    Terminal terminal;
    for (std::uint64_t i = 1; i <= 1'000; ++i)
        terminal.record.events.push_back(event(i, std::to_string(i), "done"));
    EXPECT_EQ(terminal.run_with_store({"events", "tail", "--from", "beginning", "--count", "1000", "--json"}), 0);
    std::istringstream lines(terminal.out);
    std::uint64_t expected = 0;
    for (std::string line; std::getline(lines, line);) {
        EXPECT_EQ(json::parse(line)["entry"], std::to_string(++expected) + "-0");
    }
    EXPECT_EQ(expected, 1'000U);
}

TEST(Tail, SurvivesAnEventThatIsNoJson) {
    Terminal terminal;
    terminal.record.events = {event(1, "x", "done"), event(2, "y", "done"), event(3, "z", "done")};
    terminal.record.events[0].event.message.json = "{";
    terminal.record.events[1].event.message.json = R"({"data":{"documents":[7,{"size":-1}],"account":3}})";
    terminal.record.events[2].event.message.json = R"([{"data":"\u001b"}])";
    EXPECT_EQ(terminal.run_with_store({"events", "list"}), 0);
    EXPECT_EQ(terminal.run_with_store({"events", "list", "--json"}), 0);
    EXPECT_EQ(json::parse(terminal.out)["events"].size(), 3U);
}

TEST(Events, AreListedBehindAnEntry) {
    Terminal terminal;
    terminal.record.events = {event(1, "a", "done"), event(2, "b", "left"), event(3, "c", "pending")};
    terminal.record.events[2].published = false;
    EXPECT_EQ(terminal.run_with_store({"events", "list", "--after", "1-0"}), 0);
    EXPECT_THAT(terminal.out, HasSubstr("bank/b  completed"));
    EXPECT_THAT(terminal.out, HasSubstr("not published yet, not confirmed yet"));
    EXPECT_EQ(terminal.out.find("bank/a"), std::string::npos);
    EXPECT_EQ(terminal.run_with_store({"events", "list", "--limit", "1", "--json"}), 0);
    const auto first = json::parse(terminal.out)["events"][0];
    EXPECT_EQ(first["process_id"], "a");
    EXPECT_EQ(first["acknowledgement"], "done");
    EXPECT_EQ(first["event"]["data"]["documents"][0]["kind"], "pades");
}

TEST(Status, TellsWhatIsOutstanding) {
    Terminal terminal;
    terminal.record.summary.processes = 12;
    terminal.record.summary.outbox_depth = 3;
    terminal.record.summary.oldest_unpublished = at(-130);
    terminal.record.summary.notifications = 7;
    terminal.record.summary.oldest_notification = at(-65);
    terminal.record.summary.notifications_aside = 2;
    terminal.record.summary.parked = 1;
    terminal.ready = ReadyAnswer{200, R"({"status":"ready"})"};
    EXPECT_EQ(terminal.run_with_store({"status"}), 0);
    EXPECT_THAT(terminal.out, HasSubstr("daemon:              ready at 127.0.0.1:9464\n"));
    EXPECT_THAT(terminal.out, HasSubstr("unpublished:         3, the oldest 2m 10s ago\n"));
    EXPECT_THAT(terminal.out, HasSubstr("notifications:       7 not read yet, the oldest 1m 5s ago; 2 set aside\n"));
    EXPECT_EQ(terminal.run_with_store({"status", "--json", "--internal", "unix:/run/x.sock"}), 0);
    const auto answer = json::parse(terminal.out);
    EXPECT_EQ(answer["daemon"]["address"], "unix:/run/x.sock");
    EXPECT_EQ(answer["daemon"]["detail"]["status"], "ready");
    EXPECT_EQ(answer["store"]["outbox_depth"], 3);
    EXPECT_EQ(answer["store"]["notifications"], 7);
    EXPECT_EQ(answer["store"]["notifications_aside"], 2);
    EXPECT_TRUE(answer["store"]["oldest_notification"].is_string());
    EXPECT_EQ(answer["store"]["oldest_unacknowledged"], nullptr);
}

TEST(Status, SaysThatTheDaemonIsNotReady) {
    Terminal terminal;
    terminal.ready = ReadyAnswer{503, "redis \x1b[31mdown"};
    EXPECT_EQ(terminal.run_with_store({"status"}), 0);
    EXPECT_THAT(terminal.out, HasSubstr("not ready at"));
    EXPECT_THAT(terminal.out, HasSubstr("/readyz says: redis \\x1b[31mdown"));
    EXPECT_EQ(terminal.run_with_store({"status", "--json"}), 0);
    EXPECT_EQ(json::parse(terminal.out)["daemon"]["ready"], false);
}

TEST(Status, SaysWhatIsNotAsItShouldBe) {
    Terminal terminal;
    terminal.ready = ReadyAnswer{200,
                                 R"({"checks":[{"name":"store","state":"ok","detail":"commits"},)"
                                 R"({"name":"budget/sign","state":"degraded","detail":"8.3 times as far"}]})"};
    EXPECT_EQ(terminal.run_with_store({"status"}), 0);
    EXPECT_THAT(terminal.out, HasSubstr("\nbudget/sign: 8.3 times as far\n"));
    EXPECT_THAT(terminal.out, ::testing::Not(HasSubstr("commits")));
}

TEST(Status, EndsWithFourWhenNobodyAnswers) {
    Terminal terminal;
    EXPECT_EQ(terminal.run_with_store({"status"}), 4);
    EXPECT_THAT(terminal.out, HasSubstr("not reachable at 127.0.0.1:9464"));
    EXPECT_EQ(terminal.run_with_store({"status", "--json"}), 4);
    EXPECT_EQ(json::parse(terminal.out)["daemon"]["reachable"], false);
}

}  // namespace
}  // namespace signwatch::cli
