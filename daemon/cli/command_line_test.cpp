#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "daemon/cli/exit_code.hpp"
#include "daemon/cli/fake_record.hpp"
#include "daemon/cli/output.hpp"

namespace signwatch::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Terminal;

TEST(CommandLine, MapsEveryKindOfErrorToAnExitCode) {
    EXPECT_EQ(exit_code_for(ErrorKind::transient), ExitCode::dependency);
    EXPECT_EQ(exit_code_for(ErrorKind::throttled), ExitCode::dependency);
    EXPECT_EQ(exit_code_for(ErrorKind::unauthorized), ExitCode::dependency);
    EXPECT_EQ(exit_code_for(ErrorKind::permanent), ExitCode::runtime);
    EXPECT_EQ(exit_code_for(ErrorKind::cancelled), ExitCode::runtime);
    EXPECT_EQ(exit_code_for(ErrorKind::integrity), ExitCode::integrity);
}

TEST(CommandLine, RefusesWhatItDoesNotUnderstand) {
    const std::vector<std::vector<std::string>> wrong{
        {},
        {"frobnicate"},
        {"run", "extra"},
        {"run", "--log-level", "loud"},
        {"run", "--kill-at", "lunch:1"},
        {"run", "--kill-at", "commit_done:0"},
        {"process"},
        {"process", "list", "--state", "finished"},
        {"process", "list", "--limit", "0"},
        {"process", "list", "--limit", "many"},
        {"process", "show", "bank"},
        {"process", "retry"},
        {"document", "get", "bank", "1"},
        {"document", "get", "bank", "1", "--kind", "pdf", "-o", "-"},
        {"events", "list", "--after", "yesterday"},
        {"events", "tail", "--from", "middle"},
        {"events", "tail", "--timeout", "-1"},
        {"status", "--internal", "here"},
        {"check-config", "--format", "xml"},
        {"version", "--jsn"},
    };
    for (const auto& arguments : wrong) {
        Terminal terminal;
        EXPECT_EQ(terminal.run(arguments), 2) << ::testing::PrintToString(arguments);
        EXPECT_THAT(terminal.err, Not(IsEmpty()));
        EXPECT_THAT(terminal.out, IsEmpty());
    }
}

TEST(CommandLine, SaysWhichCommandWasMeant) {
    Terminal terminal;
    EXPECT_EQ(terminal.run({"process", "lst"}), 2);
    EXPECT_THAT(terminal.err, HasSubstr("there is no command lst, did you mean list?"));
    EXPECT_EQ(terminal.run({"stauts"}), 2);
    EXPECT_THAT(terminal.err, HasSubstr("there is no command stauts, did you mean status?"));
    EXPECT_EQ(terminal.run({"fro\x1b[nicate"}), 2);
    EXPECT_THAT(terminal.err, HasSubstr("there is no command fro\\x1b[nicate\n"));
}

TEST(CommandLine, HelpsWithEveryCommand) {
    const std::vector<std::vector<std::string>> commands{{},
                                                         {"run"},
                                                         {"check-config"},
                                                         {"watch", "list"},
                                                         {"watch", "show"},
                                                         {"process", "list"},
                                                         {"process", "show"},
                                                         {"process", "retry"},
                                                         {"document", "list"},
                                                         {"document", "get"},
                                                         {"events", "list"},
                                                         {"events", "tail"},
                                                         {"status"}};
    for (auto arguments : commands) {
        Terminal terminal;
        const bool program = arguments.empty();
        arguments.emplace_back("--help");
        EXPECT_EQ(terminal.run(arguments), 0);
        EXPECT_THAT(terminal.out, HasSubstr(program ? "Exit codes:" : "Example"));
        EXPECT_THAT(terminal.out, Not(HasSubstr("kill-at")));
    }
}

TEST(CommandLine, HandsTheOptionsOfRunToTheDaemon) {
    Terminal terminal;
    EXPECT_EQ(terminal.run({"run"}), 0);
    ASSERT_TRUE(terminal.ran);
    EXPECT_EQ(terminal.ran->config_path, "/etc/signwatch/signwatch.toml");
    EXPECT_FALSE(terminal.ran->log_level || terminal.ran->log_format || terminal.ran->kill_at);

    EXPECT_EQ(
        terminal.run(
            {"run", "-c", "x.toml", "--log-level", "debug", "--log-format", "text", "--kill-at", "commit_done:3"}),
        0);
    EXPECT_EQ(terminal.ran->config_path, "x.toml");
    EXPECT_EQ(terminal.ran->log_level, "debug");
    EXPECT_EQ(terminal.ran->log_format, "text");
    ASSERT_TRUE(terminal.ran->kill_at);
    EXPECT_EQ(terminal.ran->kill_at->step, Step::commit_done);
    EXPECT_EQ(terminal.ran->kill_at->count, 3);
}

TEST(CommandLine, ReportsWhatTheDaemonThrows) {
    const auto code_of = [](auto thrown) {
        Terminal terminal;
        terminal.context.run = [thrown](const RunOptions&) -> int { throw thrown; };
        const int code = terminal.run({"run"});
        EXPECT_THAT(terminal.err, HasSubstr("signwatch: no \\x1b[31mluck\n"));
        return code;
    };
    EXPECT_EQ(code_of(Error(ErrorKind::integrity, "x", "no \x1b[31mluck")), 5);
    EXPECT_EQ(code_of(Error(ErrorKind::transient, "x", "no \x1b[31mluck")), 4);
    EXPECT_EQ(code_of(std::runtime_error("no \x1b[31mluck")), 1);
}

TEST(CommandLine, TellsItsVersion) {
    Terminal terminal;
    EXPECT_EQ(terminal.run({"version"}), 0);
    EXPECT_THAT(terminal.out, HasSubstr("signwatch " SIGNWATCH_VERSION));
    EXPECT_EQ(terminal.run({"--version"}), 0);
    EXPECT_EQ(terminal.out, "signwatch " SIGNWATCH_VERSION "\n");
    EXPECT_EQ(terminal.run({"version", "--json"}), 0);
    EXPECT_EQ(nlohmann::json::parse(terminal.out)["version"], SIGNWATCH_VERSION);
}

TEST(Printable, EscapesWhatCouldFoolATerminal) {
    EXPECT_EQ(printable("søknad 契約 €"), "søknad 契約 €");
    EXPECT_EQ(printable("a\x1b[2Jb\r\n\t\x7f"), "a\\x1b[2Jb\\x0d\\x0a\\x09\\x7f");
    EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
    EXPECT_EQ(printable("\xc2\x9b"
                        "31m"),
              "\\u{9b}31m");
    EXPECT_EQ(printable("\xe2\x80\xae"
                        "txt"),
              "\\u{202e}txt");
    EXPECT_EQ(printable("\xff\xc3"), "\\xff\\xc3");
    EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");
    EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}

TEST(Tables, AlignColumnsByWhatIsSeen) {
    Table table({"NAME", "X"});
    table.add({"blåbær", "1"});
    table.add({"", "2\n"});
    std::ostringstream out;
    table.print(out);
    EXPECT_EQ(out.str(), "NAME    X\nblåbær  1\n-       2\\x0a\n");
}

TEST(Durations, AreToldInTwoUnits) {
    const auto now = testing::at(0);
    EXPECT_EQ(relative_text(testing::at(250), now), "in 4m 10s");
    EXPECT_EQ(relative_text(testing::at(-90'000), now), "1d 1h ago");
    EXPECT_EQ(relative_text(now, now), "now");
}

}  // namespace
}  // namespace signwatch::cli
