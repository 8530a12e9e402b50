#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/crypto/digest.hpp"
#include "daemon/cli/fake_record.hpp"

namespace signwatch::cli {
namespace {

using nlohmann::json;
using testing::at;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Terminal;

namespace fs = std::filesystem;

WatchRow watch(const std::string& account, const std::string& target, int due) {
    WatchRow row;
    row.watch.id = 7;
    row.watch.key = {account, WatchKind::queue, target};
    row.watch.due_at = at(due);
    row.last_polled_at = at(-60);
    return row;
}

ProcessRow process(const std::string& id) {
    ProcessRow row;
    row.account = "bank";
    row.process_id = id;
    row.correlation_id = "order-1";
    row.state = ProcessState::completed;
    row.stage = Stage::acknowledged;
    row.acknowledgement = "done";
    row.sequence = 2;
    row.documents = 1;
    row.first_seen_at = at(-100);
    row.updated_at = at(-10);
    return row;
}

StoredDocument document(DocumentKind kind, int participant, const std::string& bytes, int stored) {
    StoredDocument result;
    result.kind = kind;
    result.participant = participant;
    result.digest = {crypto::sha256_hex(bytes), bytes.size()};
    result.media_type = "application/pdf";
    result.stored_at = at(stored);
    return result;
}

std::string content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::size_t files_in(const fs::path& directory) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

TEST(Watches, AreListedWithTheirTimes) {
    Terminal terminal;
    terminal.record.watches = {watch("bank", "portal", 600), watch("bank-loans", "portal/loans", 5)};
    EXPECT_EQ(terminal.run_with_store({"watch", "list"}), 0);
    EXPECT_EQ(terminal.out,
              "ACCOUNT     WATCH         NEXT POLL  LAST POLL  LAST ANSWER  FAILURES\n"
              "bank        portal        in 10m     1m ago     never        0\n"
              "bank-loans  portal/loans  in 5s      1m ago     never        0\n");
    EXPECT_EQ(terminal.run_with_store({"watch", "list", "--account", "bank", "--json"}), 0);
    const auto answer = json::parse(terminal.out);
    ASSERT_EQ(answer["watches"].size(), 1U);
    EXPECT_EQ(answer["watches"][0]["due_at"], "2026-03-04T10:10:00.000Z");
    EXPECT_EQ(answer["watches"][0]["last_success_at"], nullptr);
}

TEST(Watches, AreShownOneByOne) {
    Terminal terminal;
    terminal.record.watches = {watch("bank", "portal", 600)};
    EXPECT_EQ(terminal.run_with_store({"watch", "show", "bank", "portal"}), 0);
    EXPECT_THAT(terminal.out, HasSubstr("next poll:                       2026-03-04T10:10:00.000Z (in 10m)\n"));
    EXPECT_EQ(terminal.run_with_store({"watch", "show", "bank", "direct"}), 1);
    EXPECT_EQ(terminal.err, "signwatch: account bank has no watch direct\n");
}

TEST(Processes, AreListed) {
    Terminal terminal;
    terminal.record.processes = {process("4711"), process("\x1b[31m")};
    EXPECT_EQ(terminal.run_with_store({"process", "list"}), 0);
    EXPECT_THAT(terminal.out, HasSubstr("bank     4711      completed  acknowledged  confirmed  1 "));
    EXPECT_THAT(terminal.out, HasSubstr("\\x1b[31m"));
    EXPECT_THAT(terminal.out, Not(HasSubstr("\x1b")));
    EXPECT_EQ(terminal.run_with_store({"process", "list", "--json"}), 0);
    EXPECT_EQ(json::parse(terminal.out)["processes"][1]["process_id"], "\x1b[31m");
    EXPECT_THAT(terminal.out, Not(HasSubstr("\x1b")));
}

TEST(Processes, AreFiltered) {
    Terminal terminal;
    EXPECT_EQ(terminal.run_with_store({"process",
                                       "list",
                                       "--account",
                                       "bank",
                                       "--state",
                                       "rejected",
                                       "--stage",
                                       "parked",
                                       "--correlation-id",
                                       "order-1",
                                       "--limit",
                                       "5",
                                       "--offset",
                                       "10"}),
              0);
    const auto& filter = terminal.record.last_filter;
    EXPECT_EQ(filter.account, "bank");
    EXPECT_EQ(filter.state, ProcessState::rejected);
    EXPECT_EQ(filter.stage, Stage::parked);
    EXPECT_EQ(filter.correlation_id, "order-1");
    EXPECT_EQ(filter.limit, 5U);
    EXPECT_EQ(filter.offset, 10U);
}

TEST(Processes, AreShownWithEverythingKnown) {
    Terminal terminal;
    ProcessDetail detail{process("4711"), {}, {}, {document(DocumentKind::xades, 2, "<x/>", 0)}, {}};
    detail.participants = {{"ref-1", 1, ParticipantState::rejected, "REJECTED", at(-50)}};
    detail.updates = {{12, ProcessState::completed, "COMPLETED", Stage::parked, "pending", 8, "pdf_unsigned", at(-20)}};
    detail.history = {{at(-10), "signature-completed", "@system", "completed at posten"}};
    terminal.record.details = {detail};
    EXPECT_EQ(terminal.run_with_store({"process", "show", "bank", "4711"}), 0);
    for (const auto* text : {"correlation id:  order-1",
                             "1       rejected  REJECTED",
                             "xades of signer 2  4 B",
                             "pdf_unsigned",
                             "signature-completed  @system"}) {
        EXPECT_THAT(terminal.out, HasSubstr(text));
    }
    EXPECT_EQ(terminal.run_with_store({"process", "show", "bank", "4711", "--json"}), 0);
    const auto answer = json::parse(terminal.out);
    EXPECT_EQ(answer["participants"][0]["acted_at"], "2026-03-04T09:59:10.000Z");
    EXPECT_EQ(answer["updates"][0]["last_code"], "pdf_unsigned");
    EXPECT_EQ(answer["documents"][0]["size"], 4);
    EXPECT_EQ(answer["history"][0]["actor"], "@system");
    EXPECT_EQ(terminal.run_with_store({"process", "show", "bank", "1"}), 1);
}

TEST(Processes, AreRetried) {
    Terminal terminal;
    terminal.record.details = {{process("4711"), {}, {}, {}, {}}};
    EXPECT_EQ(terminal.run_with_store({"process", "retry", "bank", "4711"}), 0);
    EXPECT_EQ(terminal.out, "2 parked updates start afresh\n");
    EXPECT_EQ(terminal.run_with_store({"process", "retry", "bank", "--json"}), 0);
    EXPECT_EQ(json::parse(terminal.out)["retried"], 2);
    EXPECT_EQ(terminal.run_with_store({"process", "retry", "bank", "unknown"}), 1);
    EXPECT_THAT(terminal.retried, ElementsAre("bank/4711", "bank/"));
}

class GettingDocuments : public ::testing::Test {
protected:
    GettingDocuments() {
        ProcessDetail detail{process("4711"), {}, {}, {}, {}};
        detail.documents = {document(DocumentKind::pades, 0, pdf, 2),
                            document(DocumentKind::pades, 0, "older", 1),
                            document(DocumentKind::xades, 1, "<one/>", 1),
                            document(DocumentKind::xades, 2, "<two/>", 1)};
        for (const auto* bytes : {"older", "<one/>", "<two/>"})
            terminal.stored[crypto::sha256_hex(bytes)] = bytes;
        terminal.stored[crypto::sha256_hex(pdf)] = pdf;
        terminal.record.details = {detail};
        fs::create_directory(target);
    }

    const std::string pdf = "%PDF-1.7 " + std::string(200'000, 'x');
    Terminal terminal;
    const fs::path target = terminal.directory.path() / "target";
    const std::string output = (target / "contract.pdf").string();
};

TEST_F(GettingDocuments, WritesTheNewestOfItsKind) {
    EXPECT_EQ(terminal.run_with_store({"document", "get", "bank", "4711", "--kind", "pades", "-o", output}), 0);
    EXPECT_EQ(content(output), pdf);
    EXPECT_THAT(terminal.err, HasSubstr(crypto::sha256_hex(pdf)));
    EXPECT_EQ(fs::status(output).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(files_in(target), 1U);
}

TEST_F(GettingDocuments, WritesToStandardOutput) {
    EXPECT_EQ(terminal.run_with_store({"document", "get", "bank", "4711", "--participant", "2", "-o", "-"}), 0);
    EXPECT_EQ(terminal.out, "<two/>");
}

TEST_F(GettingDocuments, AsksWhichWhenThereAreSeveral) {
    EXPECT_EQ(terminal.run_with_store({"document", "get", "bank", "4711", "--kind", "xades", "-o", output}), 1);
    EXPECT_THAT(terminal.err,
                HasSubstr("choose one:\n  --kind xades --participant 1\n  --kind xades --participant 2\n"));
    EXPECT_EQ(terminal.run_with_store({"document", "get", "bank", "4711", "--kind", "audit_trail", "-o", output}), 1);
    EXPECT_EQ(files_in(target), 0U);
}

TEST_F(GettingDocuments, LeavesNothingBehindWhenTheBytesAreDamaged) {
    std::ofstream(output) << "what was there before";
    terminal.stored[crypto::sha256_hex(pdf)] = "%PDF-1.7 damaged";
    EXPECT_EQ(terminal.run_with_store({"document", "get", "bank", "4711", "--kind", "pades", "-o", output}), 5);
    EXPECT_EQ(content(output), "what was there before");
    EXPECT_EQ(files_in(target), 1U);
    EXPECT_EQ(terminal.run_with_store({"document", "get", "bank", "4711", "--kind", "pades", "-o", "-"}), 5);
    EXPECT_EQ(terminal.out, "");
}

TEST_F(GettingDocuments, SaysWhenTheFileCannotBeMade) {
    EXPECT_EQ(terminal.run_with_store({"document", "get", "bank", "4711", "--kind", "pades", "-o", output + "/x"}), 1);
    EXPECT_THAT(terminal.err, HasSubstr("cannot make a file beside"));
}

TEST(Documents, AreListed) {
    Terminal terminal;
    terminal.record.documents = {{"bank", "4711", document(DocumentKind::pades, 0, std::string(300'000, 'x'), 0)}};
    EXPECT_EQ(terminal.run_with_store({"document", "list"}), 0);
    EXPECT_THAT(terminal.out, HasSubstr("bank     4711     pades     293.0 KiB  "));
    EXPECT_EQ(terminal.run_with_store({"document", "list", "bank", "4711", "--json"}), 0);
    const auto answer = json::parse(terminal.out);
    EXPECT_EQ(answer["documents"][0]["process_id"], "4711");
    EXPECT_EQ(answer["documents"][0]["size"], 300'000);
}

TEST(Store, IsADependency) {
    Terminal terminal;
    EXPECT_EQ(terminal.run({"process", "list", "--store", "/nowhere"}), 4);
    EXPECT_THAT(terminal.err, HasSubstr("there is no readable database /nowhere/state.db"));
}

TEST(Store, IsFoundThroughTheConfigurationWithoutItsSecrets) {
    Terminal terminal;
    const auto config =
        terminal.directory.write("signwatch.toml",
                                 "[store]\ndirectory = \"" + terminal.directory.path().string() +
                                     "\"\n[[account]]\nname = \"bank\"\nprovider = \"posten\"\n"
                                     "organisation = \"1\"\nclient_key_file = \"/root/not/readable.key\"\n");
    EXPECT_EQ(terminal.run({"watch", "list", "-c", config.string()}), 0) << terminal.err;
    EXPECT_EQ(terminal.run({"watch", "list", "-c", "/nowhere.toml"}), 3);
    EXPECT_THAT(terminal.err, HasSubstr("/nowhere.toml: cannot be read"));
}

}  // namespace
}  // namespace signwatch::cli
