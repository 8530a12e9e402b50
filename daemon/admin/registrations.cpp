#include "daemon/admin/registrations.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "core/domain/names.hpp"
#include "core/registry/registration_json.hpp"
#include "daemon/admin/answers.hpp"

namespace signwatch::admin {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_registrations = 1'000;
constexpr int deepest = 5;  // a label in a registration in a list, and one more to see that it is too deep

struct Result {
    int status = 0;
    Json json;
};

Result result_of(const Registration& registration, const registry::Reply& reply) {
    if (!reply.accepted) {
        const bool conflict = reply.outcome == Registered::conflict;
        return {conflict ? 409 : 422, error_json(conflict ? "conflict" : "refused", reply.mistake)};
    }
    return {reply.outcome == Registered::added ? 201 : 200,
            {{"outcome", name_of(reply.outcome)},
             {"account", registration.account},
             {"process_id", registration.process_id},
             {"correlation_id", registration.correlation_id}}};
}

void add_item(Registrations& asked, std::string_view text) {
    auto read = registry::read_registration(text);
    Registrations::Item& item = asked.items.emplace_back();
    if (auto* const unreadable = std::get_if<registry::Unreadable>(&read))
        item.mistake = std::move(unreadable->mistake);
    else
        item.registration = std::move(std::get<Registration>(read));
}

}  // namespace

Registrations read_registrations(std::string_view body) {
    Registrations asked;
    const auto shallow = [](int depth, nlohmann::json::parse_event_t, const nlohmann::json&) {
        return depth <= deepest;
    };
    const auto json = nlohmann::json::parse(body, shallow, false);
    if (json.is_discarded()) {
        asked.refusal = error_answer(400, "no_json", "the body is no JSON in UTF-8");
        return asked;
    }
    asked.many = json.is_array();
    if (!asked.many) {
        add_item(asked, body);
        return asked;
    }
    if (json.size() > most_registrations) {
        asked.refusal = error_answer(422, "too_many", "at most 1000 registrations at once: send several lists");
        return asked;
    }
    for (const auto& element : json)
        add_item(asked, element.dump());
    return asked;
}

listener::Answer answer_to_registrations(const Registrations& asked, const std::vector<registry::Reply>& replies) {
    Json results = Json::array();
    Result result;
    std::size_t next = 0;
    for (const Registrations::Item& item : asked.items) {
        if (item.mistake.empty())
            result = result_of(item.registration, replies.at(next++));
        else
            result = {422, error_json("unreadable", item.mistake)};
        Json listed{{"status", result.status}};
        listed.update(result.json);
        results.push_back(std::move(listed));
    }
    if (asked.many) return json_answer(200, text_of({{"results", std::move(results)}}));
    return json_answer(result.status, text_of(result.json));
}

}  // namespace signwatch::admin
