#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/cli/fake_record.hpp"

namespace signwatch::cli {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Terminal;

struct ReconcileCommand : ::testing::Test {
    ReconcileCommand() {
        config = terminal.directory.write("signwatch.toml",
                                          "[store]\ndirectory = \"" + terminal.directory.path().string() +
                                              "\"\n[[account]]\nname = \"bank\"\nprovider = \"posten\"\n"
                                              "organisation = \"123456789\"\n");
        terminal.context.run_reconciliation = [this](const ReconcileWork& work) {
            repair = work.repair;
            read_documents = work.read_documents;
            daemon_runs = work.daemon_runs;
            waiting = work.waiting;
            return report;
        };
    }
    int run(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {"reconcile", "-c", config.string()});
        return terminal.run(std::move(arguments));
    }

    Terminal terminal;
    std::filesystem::path config;
    reconcile::Report report;
    bool repair = false;
    bool read_documents = false;
    bool daemon_runs = false;
    std::set<std::string> waiting;
};

TEST_F(ReconcileCommand, ends_with_nought_when_nothing_is_wrong) {
    report.documents = 17;
    EXPECT_EQ(run({}), 0) << terminal.err;
    EXPECT_THAT(terminal.out, HasSubstr("documents in the record: 17\n"));
    EXPECT_THAT(terminal.out, Not(HasSubstr("KIND")));
    EXPECT_FALSE(repair);
    EXPECT_TRUE(read_documents);
    EXPECT_FALSE(daemon_runs);
}

TEST_F(ReconcileCommand, shows_what_is_wrong_and_ends_with_five) {
    report.add({reconcile::Kind::document_missing, "bank", "4711\x1b[2J", "pades", reconcile::Remedy::none});
    EXPECT_EQ(run({}), 5);
    EXPECT_THAT(terminal.out, HasSubstr("document_missing  bank     4711\\x1b[2J  none    pades"));
}

TEST_F(ReconcileCommand, repair_counts_only_what_is_left) {
    report.add({reconcile::Kind::document_missing, "bank", "1", "pades", reconcile::Remedy::ordered});
    EXPECT_EQ(run({"--repair", "--quick"}), 0);
    EXPECT_TRUE(repair);
    EXPECT_FALSE(read_documents);
    report.add({reconcile::Kind::budget_exceeded, "bank", "", "too many", reconcile::Remedy::impossible});
    EXPECT_EQ(run({"--repair"}), 5);
    EXPECT_THAT(terminal.out, HasSubstr("left over:"));
}

TEST_F(ReconcileCommand, answers_in_json) {
    report.add({reconcile::Kind::event_missing, "bank", "1", "entry 5-0", reconcile::Remedy::none});
    report.leave_out("documents: document_read, gone");
    EXPECT_EQ(run({"--json"}), 5);
    const auto answer = json::parse(terminal.out);
    EXPECT_EQ(answer["kinds"]["event_missing"], json({{"found", 1}, {"mended", 0}}));
    EXPECT_EQ(answer["kinds"]["document_missing"]["found"], 0);
    EXPECT_EQ(answer["divergences"][0]["process_id"], "1");
    EXPECT_EQ(answer["left_out"][0], "documents: document_read, gone");
    EXPECT_EQ(answer["open"], 1);
}

TEST_F(ReconcileCommand, what_could_not_be_compared_is_a_missing_dependency) {
    report.leave_out("events: redis_connect, refused");
    EXPECT_EQ(run({}), 4);
    EXPECT_THAT(terminal.out, HasSubstr("not compared: events: redis_connect, refused"));
}

TEST_F(ReconcileCommand, knows_from_the_daemon_which_accounts_wait) {
    terminal.ready = ReadyAnswer{200,
                                 R"({"checks":[{"name":"provider/bank","state":"degraded","detail":"x"},)"
                                 R"({"name":"provider/other","state":"ok"},{"name":"redis","state":"degraded"}]})"};
    EXPECT_EQ(run({}), 0);
    EXPECT_TRUE(daemon_runs);
    EXPECT_EQ(waiting, std::set<std::string>{"bank"});
}

TEST_F(ReconcileCommand, a_store_that_is_not_there_is_said) {
    std::filesystem::remove(terminal.directory.path() / "state.db");
    EXPECT_EQ(run({}), 4);
    EXPECT_THAT(terminal.err, HasSubstr("no readable database"));
}

}  // namespace
}  // namespace signwatch::cli
