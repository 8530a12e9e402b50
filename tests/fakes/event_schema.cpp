#include "tests/fakes/event_schema.hpp"

#include <fstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <nlohmann/json.hpp>

namespace signwatch::testing {
namespace {

using Adapter = valijson::adapters::NlohmannJsonAdapter;

std::string join(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts)
        text += part;
    return text;
}

std::string mistakes_by(const std::string& schema_name, const std::string& json) {
    const nlohmann::json document = nlohmann::json::parse(json, nullptr, false);
    if (document.is_discarded()) return "not JSON";
    std::ifstream file(SIGNWATCH_SOURCE_DIR "/schema/events/" + schema_name);
    const nlohmann::json text = nlohmann::json::parse(file);
    valijson::Schema schema;
    valijson::SchemaParser parser;
    parser.populateSchema(Adapter(text), schema);

    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(schema, Adapter(document), &results)) return {};
    std::string mistakes;
    valijson::ValidationResults::Error error;
    while (results.popError(error))
        mistakes += join(error.context) + ": " + error.description + "\n";
    return mistakes;
}

}  // namespace

std::string event_mistakes(const std::string& json) {
    return mistakes_by("signature.v1.json", json);
}

std::string command_mistakes(const std::string& json) {
    return mistakes_by("command.v1.json", json);
}

std::string command_result_mistakes(const std::string& json) {
    return mistakes_by("command-result.v1.json", json);
}

}  // namespace signwatch::testing
