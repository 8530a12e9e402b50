#include "core/registry/command_event.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"
#include "core/domain/names.hpp"
#include "core/registry/registration_json.hpp"

namespace signwatch::registry {
namespace {

using nlohmann::json;
using Json = nlohmann::ordered_json;

constexpr std::size_t largest = std::size_t{64} << 10;
constexpr int deepest = 6;
constexpr std::size_t longest_identity = 256;
constexpr std::size_t longest_echo = 200;
constexpr std::size_t longest_mistake = 300;
constexpr std::string_view type_prefix = "io.signwatch.command.";
constexpr std::string_view type_suffix = ".v1";
constexpr std::array orders{ProcessOrder::remove, ProcessOrder::pause, ProcessOrder::resume, ProcessOrder::poll_now};

bool is_line(std::string_view text, std::size_t longest) {
    const auto printable = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7F; };
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, printable);
}

std::string text_of(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// What callers sent is given back if it could be what it should be, and is left out otherwise.
std::string echo(std::string text) {
    return is_line(text, longest_echo) ? text : std::string();
}

// "process.remove" of "io.signwatch.command.process.remove.v1".
std::string_view word_of(std::string_view type) {
    if (!type.starts_with(type_prefix) || !type.ends_with(type_suffix)) return {};
    if (type.size() < type_prefix.size() + type_suffix.size()) return {};
    return type.substr(type_prefix.size(), type.size() - type_prefix.size() - type_suffix.size());
}

std::optional<ProcessOrder> order_of(std::string_view word) {
    for (const ProcessOrder order : orders)
        if (word == "process." + std::string(name_of(order))) return order;
    return std::nullopt;
}

void read_add(const json& data, CommandEvent& command) {
    auto read = read_registration(data.dump());
    if (auto* const unreadable = std::get_if<Unreadable>(&read)) {
        command.mistake = std::move(unreadable->mistake);
        return;
    }
    command.to_register = std::get<Registration>(std::move(read));
    command.correlation_id = echo(command.to_register->correlation_id);
}

void read_order(const json& data, ProcessOrder order, CommandEvent& command) {
    const auto foreign = [](const auto& member) { return member.key() != "account" && member.key() != "processId"; };
    for (const auto& member : data.items()) {
        if (foreign(member)) command.mistake = "a member that is not known: " + member.key();
    }
    if (command.account.empty()) command.mistake = "account is missing, or no text of at most 200 bytes";
    if (command.process_id.empty()) command.mistake = "processId is missing, or no text of at most 200 bytes";
    if (command.mistake.empty()) command.order = order;
}

std::string cut(std::string text) {
    if (text.size() > longest_mistake) text.replace(longest_mistake, std::string::npos, "...");
    return text;
}

Json text_or_null(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

}  // namespace

std::variant<CommandEvent, NoCommand> read_command(std::string_view text) {
    if (text.empty()) return NoCommand{"no_event"};
    if (text.size() > largest) return NoCommand{"too_large"};
    const auto shallow = [](int depth, json::parse_event_t, const json&) { return depth <= deepest; };
    const json event = json::parse(text, shallow, false);
    if (event.is_discarded()) return NoCommand{"not_json"};
    if (!event.is_object() || text_of(event, "specversion") != "1.0") return NoCommand{"not_cloud_event"};
    CommandEvent command;
    command.id = text_of(event, "id");
    command.source = text_of(event, "source");
    if (!is_line(command.id, longest_identity) || !is_line(command.source, longest_identity))
        return NoCommand{"not_cloud_event"};
    command.type = word_of(text_of(event, "type"));
    const auto order = order_of(command.type);
    if (!order && command.type != "process.add") return NoCommand{"type_unknown"};

    const auto found = event.find("data");
    const json data = found == event.end() ? json() : *found;
    command.account = echo(text_of(data.is_object() ? data : json::object(), "account"));
    command.process_id = echo(text_of(data.is_object() ? data : json::object(), "processId"));
    command.correlation_id = echo(text_of(event, "correlationid"));
    if (!data.is_object())
        command.mistake = "data is no JSON object";
    else if (order)
        read_order(data, *order, command);
    else
        read_add(data, command);
    return command;
}

CommandAnswer::Result compose_result(const CommandEvent& command, const CommandOutcome& outcome, WallTime now) {
    CommandAnswer::Result result;
    result.id = crypto::to_base32(crypto::sha256(command.source + '\n' + command.id)).substr(0, 26);
    Json event{{"specversion", "1.0"},
               {"id", result.id},
               {"source", "/signwatch/commands"},
               {"type", "io.signwatch.command.result.v1"}};
    if (!command.process_id.empty()) event["subject"] = command.process_id;
    event["time"] = to_rfc3339(now);
    event["datacontenttype"] = "application/json";
    event["dataschema"] = "urn:signwatch:events:command-result:1";
    event["causationid"] = command.id;
    if (!command.correlation_id.empty()) event["correlationid"] = command.correlation_id;
    event["data"] = {{"command", command.type},
                     {"account", text_or_null(command.account)},
                     {"processId", text_or_null(command.process_id)},
                     {"correlationId", text_or_null(command.correlation_id)},
                     {"outcome", outcome.word},
                     {"error", text_or_null(cut(outcome.mistake))}};
    // A text may have been cut within a character.
    result.json = event.dump(-1, ' ', false, Json::error_handler_t::replace);
    return result;
}

}  // namespace signwatch::registry
