#include "core/registry/registration_json.hpp"

#include <array>
#include <charconv>

#include <nlohmann/json.hpp>

namespace signwatch::registry {
namespace {

using nlohmann::json;

constexpr std::size_t largest = 16 << 10;
constexpr int deepest = 4;

json parse(std::string_view text) {
    const auto shallow = [](int depth, json::parse_event_t, const json&) { return depth <= deepest; };
    return json::parse(text, shallow, false);
}

std::optional<std::string> text_of(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string()) return std::nullopt;
    return found->get<std::string>();
}

std::string read_texts(const json& object, Registration& registration) {
    struct Member {
        const char* name;
        std::string& value;
    };
    const std::array<Member, 3> members{{{"account", registration.account},
                                         {"processId", registration.process_id},
                                         {"correlationId", registration.correlation_id}}};
    for (const Member& member : members) {
        const auto text = text_of(object, member.name);
        if (!text) return std::string(member.name) + " is missing or no text";
        member.value = *text;
    }
    return {};
}

std::string read_terms(const json& object, Registration& registration) {
    if (object.contains("deadline") && !object["deadline"].is_null()) {
        const auto text = text_of(object, "deadline");
        registration.deadline = text ? parse_iso8601(*text) : std::nullopt;
        if (!registration.deadline) return "deadline is no moment with an offset such as 2026-12-24T18:00:00Z";
    }
    if (object.contains("interval") && !object["interval"].is_null()) {
        const auto text = text_of(object, "interval");
        registration.interval = text ? read_interval(*text) : std::nullopt;
        if (!registration.interval) return "interval is no duration such as \"90s\", \"5m\", \"24h\" or \"7d\"";
    }
    return {};
}

std::string read_labels(const json& object, Registration& registration) {
    if (!object.contains("labels")) return {};
    const json& labels = object["labels"];
    if (!labels.is_object()) return "labels is no object of texts";
    for (const auto& [name, value] : labels.items()) {
        if (!value.is_string()) return "label " + name + " is no text";
        registration.labels.push_back({name, value.get<std::string>()});
    }
    return {};
}

std::string find_unknown(const json& object) {
    static constexpr std::array<std::string_view, 6> known{
        "account", "processId", "correlationId", "deadline", "interval", "labels"};
    for (const auto& [name, value] : object.items()) {
        if (std::find(known.begin(), known.end(), name) == known.end()) return "a member that is not known: " + name;
    }
    return {};
}

}  // namespace

std::variant<Registration, Unreadable> read_registration(std::string_view text) {
    if (text.size() > largest) return Unreadable{"more than 16 KiB: a registration is small"};
    const json object = parse(text);
    if (!object.is_object()) return Unreadable{"no JSON object"};
    Registration registration;
    for (const auto step : {read_texts, read_terms, read_labels}) {
        std::string mistake = step(object, registration);
        if (!mistake.empty()) return Unreadable{std::move(mistake)};
    }
    std::string unknown = find_unknown(object);
    if (!unknown.empty()) return Unreadable{std::move(unknown)};
    return registration;
}

std::optional<milliseconds> read_interval(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number <= 0 || number > 1'000'000'000) return std::nullopt;
    const std::string_view unit(end, text.data() + text.size());
    if (unit == "ms") return milliseconds{number};
    if (unit == "s") return std::chrono::seconds{number};
    if (unit == "m") return std::chrono::minutes{number};
    if (unit == "h") return std::chrono::hours{number};
    if (unit == "d") return std::chrono::hours{24 * number};
    return std::nullopt;
}

}  // namespace signwatch::registry
