#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>
#include <sstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "core/config/configuration.hpp"
#include "core/config/fake_provider.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::config {
namespace {

namespace fs = std::filesystem;

struct Expectation {
    std::size_t line;
    std::size_t column;
    std::string remedy;
};

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// The first lines of a broken configuration say what must be found: "# line:column fragment of the remedy".
std::vector<Expectation> expectations_in(const std::string& text) {
    static const std::regex pattern("# ([0-9]+):([0-9]+) (.+)");
    std::vector<Expectation> expectations;
    std::istringstream lines(text);
    std::smatch match;
    for (std::string line; std::getline(lines, line) && std::regex_match(line, match, pattern);) {
        expectations.push_back({std::stoul(match[1]), std::stoul(match[2]), match[3]});
    }
    return expectations;
}

std::vector<fs::path> corpus() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(SIGNWATCH_CONFIG_FIXTURES "/broken"))
        files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

std::string test_name(const ::testing::TestParamInfo<fs::path>& info) {
    return info.param.stem().string();
}

class BrokenConfiguration : public ::testing::TestWithParam<fs::path> {};

TEST_P(BrokenConfiguration, NamesThePlaceAndTheRemedy) {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    const signwatch::testing::TempDir directory;
    directory.write("client.pem", "a certificate");
    directory.write("client.key", "a key");
    directory.write("admin.token", "a token");
    fs::permissions(directory.write("open.key", "a key"), static_cast<fs::perms>(0644));
    const auto text = content_of(GetParam());
    const auto path = directory.write("signwatch.toml", text).string();
    const auto expectations = expectations_in(text);
    ASSERT_FALSE(expectations.empty()) << "the fixture must begin with \"# line:column remedy\"";

    const testing::FakeProviderFactory factory;
    try {
        load(path, {&factory});
        FAIL() << "was accepted";
    } catch (const ConfigError& error) {
        ASSERT_EQ(error.diagnostics().size(), expectations.size()) << error.what();
        for (std::size_t i = 0; i < expectations.size(); ++i) {
            const auto& found = error.diagnostics()[i];
            EXPECT_EQ(found.file, path);
            EXPECT_EQ(found.line, expectations[i].line) << found.text();
            EXPECT_EQ(found.column, expectations[i].column) << found.text();
            EXPECT_NE(found.remedy.find(expectations[i].remedy), std::string::npos) << found.text();
            EXPECT_NE(error.what(), nullptr);
            EXPECT_NE(std::string(error.what()).find(found.text()), std::string::npos);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Corpus, BrokenConfiguration, ::testing::ValuesIn(corpus()), test_name);

TEST(BrokenCorpus, IsLargeEnough) {
    EXPECT_GE(corpus().size(), 40U);
}

}  // namespace
}  // namespace signwatch::config
