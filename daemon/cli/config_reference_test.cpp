#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/config/configuration.hpp"
#include "core/config/tree.hpp"
#include "providers/all_providers.hpp"
#include "tests/fakes/temp_dir.hpp"

// The JSON Schema and docs/configuration.md name exactly the keys that the program reads.
namespace signwatch::cli {
namespace {

using nlohmann::json;
using Words = std::set<std::string>;

namespace fs = std::filesystem;

const fs::path root = SIGNWATCH_ROOT;

std::string content_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

json schema() {
    return json::parse(content_of(root / "schema/config/signwatch.schema.json"));
}

// "account posten" is an [[account]] of that provider; everything else is a section.
std::string provider_in(const std::string& section) {
    return section.starts_with("account ") ? section.substr(8) : "";
}

json section_schema(const std::string& name) {
    const auto provider = provider_in(name);
    return provider.empty() ? schema()["properties"][name] : schema()["definitions"][provider + "_account"];
}

Words schema_keys(const std::string& section) {
    const json properties = section_schema(section)["properties"];
    Words keys;
    for (const auto& [key, ignored] : properties.items())
        keys.insert(key);
    return keys;
}

// An unheard-of key is answered with the list of those that are known.
Words known_keys(const std::string& section) {
    const signwatch::testing::TempDir directory;
    const auto provider = provider_in(section);
    const auto path = directory.write(
        "signwatch.toml",
        (provider.empty() ? "[" + section + "]\n" : "[[account]]\nname = \"a\"\nprovider = \"" + provider + "\"\n") +
            std::string("zzzzzzzzzzzzzzzzzzzzzzzzz = 1\n"));
    const auto providers = all_providers();
    std::vector<const ProviderFactory*> factories;
    for (const auto& factory : providers)
        factories.push_back(factory.get());
    Words keys;
    try {
        config::load(path.string(), factories);
    } catch (const config::ConfigError& error) {
        for (const auto& diagnostic : error.diagnostics()) {
            if (!diagnostic.remedy.starts_with("known here: ")) continue;
            std::istringstream words(diagnostic.remedy.substr(12));
            for (std::string word; words >> word;)
                keys.insert(word.substr(0, word.find(',')));
        }
    }
    return keys;
}

json to_json(const config::Value& value);

json to_json(const config::Table& table) {
    json object = json::object();
    for (const auto& entry : table.entries)
        object[entry.key] = to_json(entry.value);
    return object;
}

json to_json(const config::Value& value) {
    if (const auto* table = value.table()) return to_json(*table);
    if (const auto* list = std::get_if<config::List>(&value.content)) {
        json array = json::array();
        for (const auto& element : *list)
            array.push_back(to_json(element));
        return array;
    }
    if (const auto* text = std::get_if<std::string>(&value.content)) return *text;
    if (const auto* integer = std::get_if<std::int64_t>(&value.content)) return *integer;
    if (const auto* number = std::get_if<double>(&value.content)) return *number;
    if (const auto* boolean = std::get_if<bool>(&value.content)) return *boolean;
    return nullptr;
}

bool fits_schema(const fs::path& file) {
    using Adapter = valijson::adapters::NlohmannJsonAdapter;
    config::Diagnostics diagnostics;
    const json document = to_json(config::parse_toml(content_of(file), file.string(), diagnostics));
    EXPECT_TRUE(diagnostics.empty()) << file;
    const json text = schema();
    valijson::Schema parsed;
    valijson::SchemaParser parser;
    parser.populateSchema(Adapter(text), parsed);
    valijson::Validator validator;
    return validator.validate(parsed, Adapter(document), nullptr);
}

class Reference : public ::testing::TestWithParam<std::string> {};

TEST_P(Reference, TheSchemaNamesTheKeysThatAreRead) {
    ASSERT_FALSE(known_keys(GetParam()).empty());
    EXPECT_EQ(schema_keys(GetParam()), known_keys(GetParam()));
    EXPECT_EQ(section_schema(GetParam())["additionalProperties"], false);
}

TEST_P(Reference, TheDocumentationNamesTheKeysThatAreRead) {
    const auto text = content_of(root / "docs/configuration.md");
    const auto heading = provider_in(GetParam()).empty() ? "[" + GetParam() + "]" : "[[account]]";
    EXPECT_NE(text.find("\n## " + heading + "\n"), std::string::npos);
    for (const auto& key : known_keys(GetParam())) {
        EXPECT_NE(text.find("`" + key + "`"), std::string::npos) << key << " is missing";
    }
}

INSTANTIATE_TEST_SUITE_P(Sections,
                         Reference,
                         ::testing::Values("store",
                                           "postgres",
                                           "documents",
                                           "redis",
                                           "listen",
                                           "admin",
                                           "inbound",
                                           "log",
                                           "pipeline",
                                           "reconcile",
                                           "account posten",
                                           "account arqsign",
                                           "account signhub",
                                           "account adobe_sign"));

TEST(ConfigSchema, AcceptsWhatTheProgramAccepts) {
    EXPECT_TRUE(fits_schema(root / "deploy/signwatch.toml.example"));
    for (const auto& entry : fs::directory_iterator(root / "core/config/fixtures/valid")) {
        EXPECT_TRUE(fits_schema(entry.path())) << entry.path();
    }
}

TEST(ConfigSchema, RefusesWrongKeysTypesAndRanges) {
    for (const auto* name : {"unknown_section",
                             "unknown_key",
                             "wrong_type_text",
                             "wrong_type_boolean",
                             "duration_without_unit",
                             "integer_out_of_range",
                             "choice_near",
                             "relative_store",
                             "redis_address_without_port",
                             "no_account",
                             "account_bad_name",
                             "account_unknown_key",
                             "account_missing_key",
                             "list_element_twice",
                             "size_decimal_unit",
                             "secret_in_clear"}) {
        EXPECT_FALSE(fits_schema(root / "core/config/fixtures/broken" / (std::string(name) + ".toml"))) << name;
    }
}

}  // namespace
}  // namespace signwatch::cli
