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

constexpr const char* in_postgres = "backend = \"postgres\"\n[postgres]\naddress = \"unix:/run/postgresql\"\n";
constexpr const char* in_bucket =
    "[documents]\nbackend = \"s3\"\nbucket = \"signed\"\naccess_key_id_file = \"/key\"\n"
    "secret_access_key_file = \"/key\"\n";

struct StoreCommands : ::testing::Test {
    StoreCommands() {
        terminal.context.copy_store = [this](const CopyWork& asked, const ShowStage& show) {
            work = asked;
            show({"rows copied", 1, 2});
            return result;
        };
        terminal.context.abandon_copy = [this](const RecordPlace&, const RecordPlace&) { return abandoned; };
    }
    std::string place(const std::string& name, const std::string& directory, const std::string& more = "") {
        const std::string text = "[store]\ndirectory = \"" + directory + "\"\n" + more;
        return terminal.directory
            .write(name, text + "[[account]]\nname = \"bank\"\nprovider = \"posten\"\norganisation = \"123456789\"\n")
            .string();
    }
    int copy(const std::string& from, const std::string& to, std::vector<std::string> options = {}) {
        options.insert(options.begin(), {"store", "copy", "--from", from, "--to", to});
        return terminal.run(std::move(options));
    }

    Terminal terminal;
    std::optional<CopyWork> work;
    CopyResult result;
    copy::AbandonReport abandoned;
};

TEST_F(StoreCommands, what_is_kept_in_different_places_moves) {
    const std::string old = place("old", "/store");
    const std::string both = place("both", "/store", std::string(in_postgres) + in_bucket);
    EXPECT_EQ(copy(old, both), 0) << terminal.err;
    EXPECT_TRUE(work->record && work->documents);
    EXPECT_EQ(copy(old, place("record", "/store", in_postgres)), 0) << terminal.err;
    EXPECT_TRUE(work->record && !work->documents);
    EXPECT_EQ(copy(old, place("bucket", "/store", in_bucket)), 0) << terminal.err;
    EXPECT_TRUE(!work->record && work->documents);
    EXPECT_EQ(copy(place("record", "/store", in_postgres), both), 0) << terminal.err;
    EXPECT_TRUE(!work->record && work->documents);
    EXPECT_EQ(copy(old, place("elsewhere", "/other")), 0) << terminal.err;
    EXPECT_TRUE(!work->record && work->documents);
}

TEST_F(StoreCommands, moves_that_there_are_not_are_refused) {
    const std::string old = place("old", "/store");
    const std::string record = place("record", "/store", in_postgres);
    EXPECT_EQ(copy(old, place("same", "/store")), 1);
    EXPECT_THAT(terminal.err, HasSubstr("both configurations keep everything in the same place"));
    EXPECT_EQ(copy(record, old), 1);
    EXPECT_THAT(terminal.err, HasSubstr("from SQLite to PostgreSQL, no other way"));
    EXPECT_EQ(copy(record, place("other", "/store", std::string(in_postgres) + "database = \"other\"\n")), 1);
    EXPECT_EQ(copy(old, place("bucket", "/store", in_bucket), {"--abandon"}), 1);
    EXPECT_THAT(terminal.err, HasSubstr("no record moves"));
    EXPECT_FALSE(work);
}

TEST_F(StoreCommands, says_what_has_moved) {
    result.record = copy::MoveReport{{{"watch", 3, "ab"}, {"event", 4, "cd"}}, true, false};
    result.documents = daemon::CopyCount{5, 2, 5};
    const std::string old = place("old", "/store");
    const std::string both = place("both", "/store", std::string(in_postgres) + in_bucket);
    EXPECT_EQ(copy(old, both), 0);
    EXPECT_THAT(terminal.out, HasSubstr("2 documents copied, 3 were there, 5 verified\n"));
    EXPECT_THAT(terminal.out, HasSubstr("the record has moved: 7 rows, all compared\n"));
    EXPECT_THAT(terminal.out, HasSubstr("start the daemon with " + both));
    EXPECT_EQ(copy(old, both, {"--json"}), 0);
    const json answer = json::parse(terminal.out);
    EXPECT_EQ(answer["verified"], 5);
    EXPECT_EQ(answer["record"]["rows"], 7);
    EXPECT_EQ(answer["record"]["resumed"], true);
    EXPECT_EQ(answer["record"]["tables"][1], json({{"name", "event"}, {"rows", 4}, {"sha256", "cd"}}));
    result.record->already = true;
    EXPECT_EQ(copy(old, both), 0);
    EXPECT_THAT(terminal.out, HasSubstr("had moved already"));
}

TEST_F(StoreCommands, says_what_became_of_a_move_that_is_given_up) {
    const std::string old = place("old", "/store");
    const std::string record = place("record", "/store", in_postgres);
    abandoned.emptied = true;
    EXPECT_EQ(copy(old, record, {"--abandon"}), 0);
    EXPECT_THAT(terminal.out, HasSubstr("in service again"));
    EXPECT_THAT(terminal.out, HasSubstr("holds nothing of it"));
    abandoned = {false, "the connection is lost"};
    EXPECT_EQ(copy(old, record, {"--abandon"}), 4);
    EXPECT_THAT(terminal.out, Not(HasSubstr("holds nothing of it")));
    EXPECT_THAT(terminal.err, HasSubstr("the connection is lost"));
    EXPECT_EQ(copy(old, record, {"--abandon", "--json"}), 4);
    EXPECT_EQ(json::parse(terminal.out), json({{"emptied", false}, {"trouble", "the connection is lost"}}));
}

}  // namespace
}  // namespace signwatch::cli
