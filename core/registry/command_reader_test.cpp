// Commands from a scripted stream into a real store.
#include "core/registry/command_reader.hpp"

#include <deque>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/domain/error.hpp"
#include "core/state/sqlite/sqlite_state_store.hpp"
#include "tests/contract/loop.hpp"
#include "tests/fakes/event_schema.hpp"
#include "tests/fakes/recording_observer.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/fakes/virtual_clock.hpp"

namespace signwatch::registry {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

struct Settings : AccountSettings {
    AccountTerms account_terms;

    Settings() {
        account_terms.account = "acme";
        account_terms.process_interval = 24h;
        account_terms.shortest_interval = 1h;
    }
    const AccountTerms& terms() const override { return account_terms; }
    std::vector<WatchKey> standing_watches() const override { return {}; }
    std::string mistake_in(const std::string& id) const override { return id == "bad" ? "an id has digits" : ""; }
    HttpIdentity identity() const override { return {}; }
};

// Gives scripted batches; keeps the answers.
struct ScriptedStream : CommandStream {
    std::deque<std::vector<Command>> batches;
    std::vector<CommandAnswer> answers;
    std::deque<Error> finish_failures;
    int takes = 0;

    Task<std::vector<Command>> take(std::size_t, milliseconds) override {
        ++takes;
        std::vector<Command> batch;
        if (!batches.empty()) batch = std::move(batches.front());
        if (!batches.empty()) batches.pop_front();
        co_return batch;
    }
    Task<void> finish(std::vector<CommandAnswer> given) override {
        if (!finish_failures.empty()) {
            const Error error = finish_failures.front();
            finish_failures.pop_front();
            throw error;
        }
        answers.insert(answers.end(), given.begin(), given.end());
        co_return;
    }
    void stop() override {}
};

struct CommandReaderTest : ::testing::Test {
    CommandReaderTest() {
        reader.emplace(clock, stream, registrar, observer);
        view = sqlite::open_state_view(directory.path() / "state.db");
    }

    // Ids of entries count up; so do those of the commands.
    Command command(const std::string& word, json data, std::int64_t deliveries = 1) {
        const std::string id = std::to_string(++last);
        const json event{{"specversion", "1.0"},
                         {"id", "c-" + id},
                         {"source", "/loans"},
                         {"type", "io.signwatch.command.process." + word + ".v1"},
                         {"data", std::move(data)}};
        return {{last, 0}, event.dump(), deliveries};
    }
    Command add(const std::string& process, const std::string& correlation = "loan-1") {
        return command("add", {{"account", "acme"}, {"processId", process}, {"correlationId", correlation}});
    }
    Command order(const std::string& word, const std::string& process) {
        return command(word, {{"account", "acme"}, {"processId", process}});
    }
    Command raw(std::string text, std::int64_t deliveries = 1) { return {{++last, 0}, std::move(text), deliveries}; }

    void round() {
        auto task = reader->round();
        loop.wait(std::move(task));
    }
    std::string trouble() {
        try {
            round();
            return {};
        } catch (const Error& error) {
            return error.code();
        }
    }
    // What the answers say: the outcome or the reason of each, in the order of the entries.
    std::vector<std::string> outcomes() {
        std::map<EntryId, std::string> words;
        for (const CommandAnswer& answer : stream.answers) {
            if (answer.dead) words[answer.entry] = answer.dead->reason;
            if (!answer.result) continue;
            EXPECT_EQ(testing::command_result_mistakes(answer.result->json), "") << answer.result->json;
            words[answer.entry] = json::parse(answer.result->json)["data"]["outcome"].get<std::string>();
        }
        std::vector<std::string> all;
        for (const auto& [entry, word] : words)
            all.push_back(word);
        return all;
    }
    bool watched(const std::string& process) {
        const auto detail = view->process("acme", process);
        return detail && detail->process.watched;
    }

    using Words = std::vector<std::string>;

    testing::TempDir directory;
    testing::Loop loop;
    boost::asio::io_context clock_loop;
    testing::VirtualClock clock{clock_loop};
    testing::NoProgress progress;
    testing::RecordingObserver observer;
    std::unique_ptr<StateStore> store = sqlite::open_state_store(directory.path() / "state.db", progress);
    std::unique_ptr<StateView> view;
    Settings settings;
    std::set<int> failing;  ///< which calls of the registrar fail, counted from 1
    int asked = 0;
    Registrar registrar{clock, *store, [this](const std::string& name) -> const AccountSettings* {
                            if (failing.contains(++asked)) throw Error(ErrorKind::transient, "store_io", "disk");
                            return name == "acme" ? &settings : nullptr;
                        }};
    ScriptedStream stream;
    std::optional<CommandReader> reader;
    std::uint64_t last = 0;
};

TEST_F(CommandReaderTest, registers_and_says_so) {
    stream.batches.push_back({add("1", "loan-1"), add("2", "loan-2"), add("1", "loan-1"), add("2", "other")});
    round();
    EXPECT_EQ(outcomes(), (Words{"added", "added", "unchanged", "refused"}));
    EXPECT_TRUE(watched("1") && watched("2"));
    const json refused = json::parse(stream.answers.back().result->json);
    EXPECT_NE(refused["data"]["error"].get<std::string>().find("loan-2"), std::string::npos);
    EXPECT_EQ(observer.count("process.add:added"), 2U);
}

TEST_F(CommandReaderTest, the_rules_of_the_registrar_hold_here_too) {
    stream.batches.push_back({add("bad"),
                              command("add", {{"account", "nobody"}, {"processId", "1"}, {"correlationId", "c"}}),
                              command("poll_now", {{"account", "nobody"}, {"processId", "1"}}),
                              command("add", {{"account", "acme"}, {"processId", "1"}}),
                              order("poll_now", "1"),
                              order("remove", "1")});
    round();
    EXPECT_EQ(outcomes(), (Words{"refused", "refused", "refused", "refused", "refused", "unchanged"}));
    for (const CommandAnswer& answer : stream.answers)
        EXPECT_FALSE(answer.dead);
    EXPECT_EQ(view->summary().processes, 0U);
}

TEST_F(CommandReaderTest, obeys_orders_in_the_order_of_their_process) {
    stream.batches.push_back(
        {add("1"), add("2"), order("remove", "1"), add("3"), order("pause", "2"), order("resume", "2"), add("1")});
    round();
    EXPECT_EQ(outcomes(), (Words{"added", "added", "done", "added", "done", "done", "added"}));
    EXPECT_TRUE(watched("1") && watched("2") && watched("3"));
    stream.batches.push_back({add("4"), order("poll_now", "4"), order("remove", "1")});
    round();
    EXPECT_FALSE(watched("1"));
    EXPECT_TRUE(watched("4"));
}

TEST_F(CommandReaderTest, puts_aside_what_nobody_will_understand) {
    Command unknown = order("approve", "1");
    Command often = add("5");
    often.deliveries = 6;
    Command nearly = add("6");
    nearly.deliveries = 5;
    const std::string large(70'000, 'x');
    stream.batches.push_back({raw(""), raw("{"), raw("{}"), raw(large), unknown, often, nearly});
    round();
    EXPECT_EQ(
        outcomes(),
        (Words{
            "type_unknown", "delivered_too_often", "added", "no_event", "not_json", "not_cloud_event", "too_large"}));
    std::map<std::string, std::string> dead;
    for (const CommandAnswer& answer : stream.answers)
        if (answer.dead) dead[answer.dead->reason] = answer.dead->json;
    EXPECT_EQ(dead.size(), 6U);
    EXPECT_EQ(dead["no_event"], "");
    EXPECT_EQ(dead["not_json"], "{");
    EXPECT_EQ(dead["not_cloud_event"], "{}");
    EXPECT_EQ(dead["too_large"], large);
    EXPECT_EQ(dead["type_unknown"], unknown.json);
    EXPECT_EQ(dead["delivered_too_often"], often.json);
    EXPECT_TRUE(watched("6"));
    EXPECT_FALSE(watched("5"));
    EXPECT_EQ(observer.count("dead:not_json"), 1U);
}

TEST_F(CommandReaderTest, done_and_not_finished_it_is_done_again_with_the_same_answer) {
    Command added = add("1");
    const Command removed = order("remove", "9");
    stream.batches.push_back({add("9"), added, removed});
    stream.finish_failures.emplace_back(ErrorKind::transient, "redis_io", "broken");
    EXPECT_EQ(trouble(), "redis_io");
    EXPECT_TRUE(stream.answers.empty());
    EXPECT_EQ(observer.count("process.add:added"), 0U);

    // The daemon dies here: the stream gives them again to the next one.
    reader.emplace(clock, stream, registrar, observer);
    added.deliveries = 2;
    stream.batches.push_back({added, removed});
    round();
    EXPECT_EQ(outcomes(), (Words{"unchanged", "unchanged"}));
    const std::string id = stream.answers[0].result->id;
    reader.emplace(clock, stream, registrar, observer);
    stream.batches.push_back({added});
    round();
    EXPECT_EQ(stream.answers.back().result->id, id);
    EXPECT_EQ(view->summary().processes, 2U);
}

TEST_F(CommandReaderTest, trouble_in_the_middle_of_a_batch_repeats_only_what_was_not_done) {
    stream.batches.push_back({add("9")});
    round();
    stream.batches.push_back({raw("{"), order("remove", "9"), order("pause", "9"), add("1")});
    failing = {4, 5};
    EXPECT_EQ(trouble(), "store_io");
    EXPECT_EQ(trouble(), "store_io");
    EXPECT_EQ(stream.answers.size(), 1U);
    EXPECT_FALSE(watched("9"));
    round();
    EXPECT_EQ(outcomes(), (Words{"added", "not_json", "done", "refused", "added"}));
    EXPECT_TRUE(watched("1"));
}

TEST_F(CommandReaderTest, what_is_in_hand_is_finished_before_anything_is_taken) {
    stream.batches.push_back({add("1"), raw("{")});
    stream.batches.push_back({add("2")});
    for (int i = 0; i < 10; ++i)
        stream.finish_failures.emplace_back(ErrorKind::transient, "redis_io", "broken");
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(trouble(), "redis_io");
    EXPECT_EQ(stream.takes, 1);
    round();
    EXPECT_EQ(outcomes(), (Words{"added", "not_json"}));
    round();
    EXPECT_EQ(stream.takes, 2);
    EXPECT_EQ(stream.answers.size(), 3U);
    round();
    EXPECT_EQ(stream.answers.size(), 3U);
}

}  // namespace
}  // namespace signwatch::registry
