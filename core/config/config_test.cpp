#include <cstdlib>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/configuration.hpp"
#include "core/config/fake_provider.hpp"
#include "core/config/nearest.hpp"
#include "core/config/units.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::config {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace fs = std::filesystem;

const std::string account = R"(
[[account]]
name = "bank"
provider = "posten"
organisation = "984661185"
)";

class Loading : public ::testing::Test {
protected:
    void SetUp() override {
        ::unsetenv("CREDENTIALS_DIRECTORY");
        directory.write("client.pem", "a certificate");
        directory.write("client.key", "a key");
        fs::create_directory(directory.path() / "conf.d");
    }
    void TearDown() override { ::unsetenv("CREDENTIALS_DIRECTORY"); }

    std::string main_file(const std::string& text) const { return directory.write("signwatch.toml", text).string(); }

    Configuration load_text(const std::string& text, FileChecks checks = FileChecks::strict) const {
        return load(main_file(text), {&factory}, checks);
    }

    Configuration load_fixture(const std::string& name) const {
        const auto path = directory.path() / "signwatch.toml";
        fs::copy_file(fs::path(SIGNWATCH_CONFIG_FIXTURES "/valid") / name, path);
        return load(path.string(), {&factory});
    }

    std::vector<std::string> mistakes(const std::string& text, FileChecks checks = FileChecks::strict) const {
        std::vector<std::string> texts;
        try {
            load_text(text, checks);
        } catch (const ConfigError& error) {
            for (const auto& diagnostic : error.diagnostics())
                texts.push_back(diagnostic.text());
        }
        return texts;
    }

    std::string place(const std::string& file, const std::string& position) const {
        return (directory.path() / file).string() + ":" + position;
    }

    signwatch::testing::TempDir directory;
    testing::FakeProviderFactory factory;
};

TEST_F(Loading, FillsInDefaultsForASmallFile) {
    const auto configuration = load_fixture("smallest.toml");
    EXPECT_EQ(configuration.store.database(), "/var/lib/signwatch/state.db");
    EXPECT_EQ(configuration.store.documents(), "/var/lib/signwatch/documents");
    EXPECT_EQ(configuration.redis.addresses.at(0).text(), "127.0.0.1:6379");
    EXPECT_EQ(configuration.redis.stream, "signwatch:events");
    EXPECT_EQ(configuration.redis.commands, "");
    EXPECT_EQ(configuration.listen.internal.text(), "127.0.0.1:9464");
    EXPECT_FALSE(configuration.admin.off);
    EXPECT_EQ(configuration.admin.listen.text(), "unix:/var/lib/signwatch/admin.sock");
    EXPECT_EQ(configuration.log.level, "info");
    EXPECT_EQ(configuration.log.format, "json");
    EXPECT_EQ(configuration.pipeline.shutdown_grace, 10s);
    EXPECT_EQ(configuration.pipeline.retention, 24h * 30);
    EXPECT_EQ(configuration.pipeline.notification_retention, 24h * 14);
    EXPECT_EQ(configuration.pipeline.process_retention, 24h * 400);
    EXPECT_EQ(configuration.pipeline.document_retention, 0h);
    ASSERT_EQ(configuration.accounts.size(), 1U);
    EXPECT_EQ(configuration.accounts[0]->terms().account, "bank");
    EXPECT_EQ(configuration.accounts[0]->identity().key_file, (directory.path() / "client.key").string());
}

TEST_F(Loading, TakesEveryKey) {
    const auto configuration = load_fixture("everything.toml");
    EXPECT_EQ(configuration.store.directory, "/srv/signwatch");
    EXPECT_TRUE(configuration.documents.s3);
    EXPECT_EQ(configuration.documents.endpoint, "https://s3.example.org:7480");
    EXPECT_EQ(configuration.documents.prefix, "signed/bank/");
    EXPECT_TRUE(configuration.documents.virtual_hosted);
    EXPECT_EQ(configuration.documents.session_token_file, (directory.path() / "client.key").string());
    EXPECT_EQ(configuration.documents.encryption, "kms");
    EXPECT_EQ(configuration.documents.part_size, 16U << 20);
    EXPECT_TRUE(configuration.documents.read_back);
    EXPECT_EQ(configuration.documents.transfer_timeout, 5min);
    EXPECT_EQ(configuration.documents.max_connections, 32);
    EXPECT_EQ(configuration.redis.addresses.at(0), (Endpoint{"::1", 6380, ""}));
    EXPECT_TRUE(configuration.redis.access.tls);
    EXPECT_EQ(configuration.redis.access.server_name, "redis.internal");
    EXPECT_EQ(configuration.redis.access.ca_file, (directory.path() / "client.pem").string());
    EXPECT_EQ(configuration.redis.access.password_file, (directory.path() / "client.key").string());
    EXPECT_EQ(configuration.redis.access.username, "signwatch");
    EXPECT_EQ(configuration.redis.database, 3);
    EXPECT_EQ(configuration.redis.stream, "contracts:events");
    EXPECT_EQ(configuration.redis.commands, "contracts:commands");
    EXPECT_EQ(configuration.listen.internal.text(), "0.0.0.0:9464");
    EXPECT_EQ(configuration.admin.listen, (Endpoint{"0.0.0.0", 9465, ""}));
    EXPECT_EQ(configuration.admin.token_file, (directory.path() / "client.key").string());
    EXPECT_EQ(configuration.admin.certificate_file, (directory.path() / "client.pem").string());
    EXPECT_EQ(configuration.admin.client_ca_file, (directory.path() / "client.pem").string());
    EXPECT_EQ(configuration.log.format, "text");
    EXPECT_EQ(configuration.pipeline.document_workers, 8);
    EXPECT_EQ(configuration.pipeline.shutdown_grace, 2500ms);
    EXPECT_EQ(configuration.pipeline.process_retention, 0h);
    EXPECT_EQ(configuration.pipeline.document_retention, 24h * 3650);
    ASSERT_EQ(configuration.accounts.size(), 2U);
    EXPECT_EQ(configuration.accounts[0]->terms().calls_per_second, 4);
    EXPECT_EQ(configuration.accounts[0]->standing_watches().size(), 2U);
    EXPECT_EQ(configuration.accounts[1]->terms().account, "bank-loans");
}

TEST_F(Loading, ToleratesAByteOrderMarkAndCarriageReturns) {
    const auto configuration = load_fixture("byte_order_mark_and_crlf.toml");
    EXPECT_EQ(configuration.log.level, "warn");
    EXPECT_EQ(configuration.accounts.size(), 1U);
}

TEST_F(Loading, TakesInlineTablesAndDottedKeys) {
    const auto configuration = load_fixture("inline_tables.toml");
    EXPECT_EQ(configuration.redis.addresses.at(0).unix_path, "/run/redis/redis.sock");
    EXPECT_EQ(configuration.listen.internal.text(), "unix:/run/signwatch/internal.sock");
    EXPECT_EQ(configuration.accounts.size(), 2U);
}

TEST_F(Loading, KnowsWhereTheAdminListenerIsSafe) {
    const auto admin = [this](const std::string& keys) { return load_text("[admin]\n" + keys + account).admin; };
    EXPECT_TRUE(admin("listen = \"off\"\n").off);
    EXPECT_TRUE(admin("listen = \"\"\n").off);
    EXPECT_EQ(admin("listen = \"unix:/run/a.sock\"\n").listen, (Endpoint{"", 0, "/run/a.sock"}));
    EXPECT_EQ(admin("token_file = \"client.key\"\n").listen.unix_path, "/var/lib/signwatch/admin.sock");
    const std::string tls = "certificate_file = \"client.pem\"\nkey_file = \"client.key\"\n";
    EXPECT_EQ(admin("listen = \"127.0.0.1:1\"\ntoken_file = \"client.key\"\n").listen.port, 1);
    EXPECT_EQ(admin("listen = \"0.0.0.0:1\"\ntoken_file = \"client.key\"\n" + tls).listen.port, 1);
    EXPECT_EQ(admin("listen = \"0.0.0.0:1\"\nclient_ca_file = \"client.pem\"\n" + tls).listen.port, 1);
    EXPECT_FALSE(mistakes("[admin]\nlisten = \"0.0.0.0:1\"\n" + tls + account).empty());
}

TEST_F(Loading, JoinsTheFilesOfConfDInTheOrderOfTheirNames) {
    directory.write("conf.d/20-loans.toml",
                    "[[account]]\nname = \"loans\"\nprovider = \"posten\"\norganisation = \"2\"\n");
    directory.write("conf.d/10-redis.toml", "[redis]\ndatabase = 4\n");
    directory.write("conf.d/.hidden.toml", "nonsense");
    directory.write("conf.d/notes.txt", "nonsense");
    const auto configuration = load_text("[redis]\nstream = \"s\"\n" + account);
    EXPECT_EQ(configuration.redis.stream, "s");
    EXPECT_EQ(configuration.redis.database, 4);
    ASSERT_EQ(configuration.accounts.size(), 2U);
    EXPECT_EQ(configuration.accounts[1]->terms().account, "loans");
    EXPECT_THAT(configuration.files,
                ElementsAre(place("signwatch.toml", "").substr(0, place("signwatch.toml", "").size() - 1),
                            (directory.path() / "conf.d/10-redis.toml").string(),
                            (directory.path() / "conf.d/20-loans.toml").string()));
}

TEST_F(Loading, NamesBothPlacesOfAKeyGivenInTwoFiles) {
    directory.write("conf.d/10.toml", "[log]\nformat = \"text\"\nlevel = \"warn\"\n");
    EXPECT_THAT(mistakes("[log]\nlevel = \"info\"\n" + account),
                ElementsAre(place("conf.d/10.toml", "3:1") + ": `log.level` is given twice, the first time at " +
                            place("signwatch.toml", "2:1") + " (keep one of the two)"));
}

TEST_F(Loading, ReportsMistakesOfAllFilesInTheirOrder) {
    directory.write("conf.d/10.toml", "[stor]\n");
    directory.write("conf.d/20.toml", "[log]\nlevel = \"loud\"\n");
    EXPECT_THAT(mistakes("[redis]\ntls = 1\n" + account),
                ElementsAre(HasSubstr("signwatch.toml:2:7"), HasSubstr("10.toml:1:2"), HasSubstr("20.toml:2:9")));
}

TEST_F(Loading, ReportsTheSyntaxErrorsOfAllFiles) {
    directory.write("conf.d/10.toml", "[log\n");
    directory.write("conf.d/20.toml", "level =\n");
    EXPECT_THAT(mistakes("[redis]\ntls = maybe\n"),
                ElementsAre(HasSubstr("signwatch.toml:2:7"), HasSubstr("10.toml:1:5"), HasSubstr("20.toml:1:8")));
}

TEST_F(Loading, NamesBothAccountsThatPollTheSame) {
    const auto texts =
        mistakes(account + "[[account]]\nname = \"loans\"\nprovider = \"posten\"\norganisation = \"984661185\"\n");
    ASSERT_EQ(texts.size(), 1U);
    EXPECT_THAT(texts[0], HasSubstr("account \"loans\" polls the same queue \"portal\" as account \"bank\" at "));
    EXPECT_THAT(texts[0], HasSubstr(place("signwatch.toml", "2:1")));
}

TEST_F(Loading, RefusesAMissingFileADirectoryAndAFifo) {
    const auto fails = [&](const std::string& path, const std::string& why) {
        try {
            load(path, {&factory});
            ADD_FAILURE() << path << " was accepted";
        } catch (const ConfigError& error) {
            EXPECT_THAT(error.what(), HasSubstr(why));
        }
    };
    const auto fifo = (directory.path() / "fifo.toml").string();
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    fails((directory.path() / "absent.toml").string(), "No such file or directory (name another file with --config)");
    fails(directory.path().string(), "is not a regular file");
    fails(fifo, "is not a regular file");
}

TEST_F(Loading, RefusesALargeFile) {
    EXPECT_THAT(mistakes(account + "# " + std::string(1 << 20, 'x') + "\n"),
                ElementsAre(HasSubstr("is larger than 1MiB")));
}

TEST_F(Loading, RefusesMoreThanAThousandAccounts) {
    std::string text;
    for (int i = 0; i <= 1000; ++i) {
        const auto number = std::to_string(i);
        text += "[[account]]\nname = \"a" + number + "\"\nprovider = \"posten\"\norganisation = \"" + number + "\"\n";
    }
    EXPECT_THAT(mistakes(text), ElementsAre(HasSubstr(":4001:1: more than 1000 accounts")));
}

TEST_F(Loading, SurvivesDeepNesting) {
    std::string dotted = "a";
    for (int i = 0; i < 300'000; ++i)
        dotted += ".a";
    EXPECT_THAT(mistakes(dotted + " = 1\n"), ElementsAre(HasSubstr("nests too deeply")));
    EXPECT_THAT(mistakes("[" + dotted + "]\n"), ElementsAre(HasSubstr("nests too deeply")));
    EXPECT_THAT(mistakes("a = " + std::string(100'000, '[')), ElementsAre(HasSubstr("exceeded maximum nested")));
    std::string mixed = "x = ";
    for (int i = 0; i < 250; ++i)
        mixed += "[\n{ a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a = ";
    EXPECT_EQ(mistakes(mixed).size(), 1U);
}

TEST_F(Loading, AcceptsASecretOfOurOwnGroup) {
    ASSERT_EQ(::chmod((directory.path() / "client.key").c_str(), 0640), 0);
    EXPECT_TRUE(mistakes(account + "client_key_file = \"client.key\"\n").empty());
}

TEST_F(Loading, RefusesASecretThatOthersCanOnlyWrite) {
    ASSERT_EQ(::chmod((directory.path() / "client.key").c_str(), 0602), 0);
    EXPECT_THAT(mistakes(account + "client_key_file = \"client.key\"\n"), ElementsAre(HasSubstr("(chmod 600 ")));
}

TEST_F(Loading, FindsCredentialsInTheirDirectory) {
    directory.write("posten-key", "a key");
    ::setenv("CREDENTIALS_DIRECTORY", directory.path().c_str(), 1);
    const auto configuration = load_text(account + "client_key_credential = \"posten-key\"\n");
    EXPECT_EQ(configuration.accounts[0]->identity().key_file, (directory.path() / "posten-key").string());
    EXPECT_THAT(mistakes(account + "client_key_credential = \"other\"\n"),
                ElementsAre(HasSubstr("create it or correct the path")));
}

TEST_F(Loading, LeavesCredentialsUnseenInAnOfflineCheck) {
    const auto configuration = load_text(account + "client_key_credential = \"posten-key\"\n", FileChecks::offline);
    EXPECT_EQ(configuration.accounts[0]->identity().key_file, "$CREDENTIALS_DIRECTORY/posten-key");
}

TEST_F(Loading, LooksAtNoFileWhenOnlyTheStoreIsWanted) {
    EXPECT_TRUE(mistakes(account + "client_key_file = \"/root/absent.key\"\n", FileChecks::none).empty());
}

TEST_F(Loading, ResolvesFilesAgainstTheFileThatNamesThem) {
    directory.write("conf.d/bank.key", "a key");
    directory.write("conf.d/10.toml", account + "client_key_file = \"bank.key\"\n");
    const auto configuration = load_text("");
    EXPECT_EQ(configuration.accounts[0]->identity().key_file, (directory.path() / "conf.d/bank.key").string());
}

TEST_F(Loading, HashesWhatItRead) {
    const auto first = load_text(account);
    EXPECT_EQ(first.hash.size(), 64U);
    EXPECT_EQ(load_text(account).hash, first.hash);
    directory.write("conf.d/10.toml", "[log]\n");
    EXPECT_NE(load_text(account).hash, first.hash);
}

TEST(Units, ReadDurations) {
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("30s"), 30s);
    EXPECT_EQ(parse_duration("10m"), 10min);
    EXPECT_EQ(parse_duration("2h"), 2h);
    EXPECT_EQ(parse_duration("1d"), 24h);
    for (const auto* wrong : {"", "s", "10", "-1s", "+1s", "1 s", "1.5s", "10S", "1h30m", "9223372036854775807d"}) {
        EXPECT_FALSE(parse_duration(wrong)) << wrong;
    }
}

TEST(Units, ReadSizes) {
    EXPECT_EQ(parse_size("512B"), 512U);
    EXPECT_EQ(parse_size("64KiB"), 64U << 10);
    EXPECT_EQ(parse_size("100MiB"), 100U << 20);
    EXPECT_EQ(parse_size("2GiB"), 2ULL << 30);
    for (const auto* wrong : {"", "1", "1KB", "1kib", "0x10B", "-1B", "99999999999GiB"})
        EXPECT_FALSE(parse_size(wrong)) << wrong;
}

TEST(Units, ArePrintedInTheLargestThatFits) {
    EXPECT_EQ(to_text(90s), "90s");
    EXPECT_EQ(to_text(120s), "2m");
    EXPECT_EQ(to_text(0ms), "0ms");
    EXPECT_EQ(size_text(1536), "1536B");
    EXPECT_EQ(size_text(2ULL << 30), "2GiB");
}

TEST(Nearest, FindsTheMeantWordOrNone) {
    const std::vector<std::string> words{"address", "database", "tls", "ca_file"};
    EXPECT_EQ(nearest("adress", words), "address");
    EXPECT_EQ(nearest("tsl", words), "tls");
    EXPECT_EQ(nearest("databse", words), "database");
    EXPECT_EQ(nearest("compression", words), std::nullopt);
    EXPECT_EQ(nearest("xyz", words), std::nullopt);
    EXPECT_EQ(nearest(std::string(100'000, 'a'), words), std::nullopt);
    EXPECT_EQ(edit_distance("abcd", "acbd"), 1U);
}

TEST(Endpoints, HaveThreeForms) {
    EXPECT_EQ(parse_endpoint("localhost:80"), (Endpoint{"localhost", 80, ""}));
    EXPECT_EQ(parse_endpoint("[fe80::1]:80"), (Endpoint{"fe80::1", 80, ""}));
    EXPECT_EQ(parse_endpoint("unix:/run/a"), (Endpoint{"", 0, "/run/a"}));
    for (const auto* wrong :
         {"", ":80", "a", "a:0", "a:99999", "a:-1", "::1:80", "[::1]", "[x]:1", "unix:", "unix:a", "a b:1"}) {
        EXPECT_FALSE(parse_endpoint(wrong)) << wrong;
    }
}

TEST(Endpoints, KnowWhetherOthersCanReachThem) {
    for (const auto* local : {"127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1", "unix:/a"}) {
        EXPECT_TRUE(parse_endpoint(local)->is_local()) << local;
    }
    for (const auto* remote : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.0.0.1.example.org:1"}) {
        EXPECT_FALSE(parse_endpoint(remote)->is_local()) << remote;
    }
}

}  // namespace
}  // namespace signwatch::config
