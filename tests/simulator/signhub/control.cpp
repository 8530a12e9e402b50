#include "tests/simulator/signhub/control.hpp"

#include <charconv>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "tests/simulator/signhub/json.hpp"

namespace signwatch::simulator::signhub {
namespace {

using nlohmann::json;

constexpr int most_listed = 1'000;

Reply json_reply(const json& value, unsigned status = 200) {
    return {.status = status, .content_type = "application/json", .text = value.dump() + "\n"};
}

double ms(microseconds time) {
    return static_cast<double>(time.count()) / 1000.0;
}

microseconds us(const json& body, const char* name, microseconds fallback) {
    return body.contains(name) ? microseconds{body[name].get<std::int64_t>() * 1000} : fallback;
}

Ending ending_in(const json& body, Ending fallback) {
    if (!body.contains("ending")) return fallback;
    const auto ending = ending_named(body["ending"].get<std::string>());
    if (!ending) throw std::invalid_argument("ending is finished, passed, declined, cancelled or running");
    return *ending;
}

// Its times count from `now`.
FlowPlan plan_in(const json& body, const SignhubRules& rules, microseconds now) {
    FlowPlan plan;
    plan.ending = ending_in(body, Ending::finished);
    plan.types.assign(body.value("items", std::size_t{1}), 0);
    if (body.contains("types")) plan.types = body["types"].get<std::vector<std::uint8_t>>();
    plan.started = now + us(body, "start_ms", microseconds{});
    plan.first_change = plan.started + us(body, "first_change_ms", microseconds{});
    plan.step = us(body, "step_ms", microseconds{});
    plan.disagree = us(body, "disagree_ms", rules.disagree);
    plan.document_after = us(body, "document_after_ms", rules.document_after);
    if (plan.types.empty() || plan.types.size() > 20) throw std::invalid_argument("a flow has 1 to 20 items");
    for (const std::uint8_t type : plan.types) {
        if (type > 2) throw std::invalid_argument("a type is 0, 1 or 2");
    }
    return plan;
}

json describe(const Flow& flow, const SignhubRules& rules, microseconds now) {
    const FlowState state = state_at(flow.plan, now, rules.portal_steps);
    const microseconds end = end_of(flow.plan);
    json result{{"flow", flow.id},
                {"status", state.status},
                {"ending", name_of(flow.plan.ending)},
                {"items", json::array()},
                {"looks", flow.looks},
                {"end_told", flow.end_told > 0},
                {"downloads", flow.downloads},
                {"ends_at_ms", nullptr},
                {"last_look_ms", nullptr},
                {"sha256", nullptr}};
    for (const ItemState& item : state.items)
        result["items"].push_back(item.status);
    if (end < never) result["ends_at_ms"] = ms(end);
    if (flow.looks > 0) result["last_look_ms"] = ms(flow.last_look);
    if (flow.document) result["sha256"] = flow.sha256;
    return result;
}

}  // namespace

Reply SignhubControl::handle(const Call& call) {
    try {
        return answer(call);
    } catch (const json::exception& error) {
        return json_reply({{"error", error.what()}}, 400);
    } catch (const std::invalid_argument& error) {
        return json_reply({{"error", error.what()}}, 400);
    }
}

Reply SignhubControl::answer(const Call& call) {
    const bool get = call.method == "GET";
    if (get && call.target == "/healthz") return json_reply({{"status", "ok"}});
    if (get && call.target == "/referee") return json_reply(parts_.world.referee_json(parts_.clock.now()));
    if (get && call.target == "/flows") return list_flows();
    if (get && call.target == "/canaries") return list_canaries();
    if (get && call.target == "/faults") return json_reply(parts_.faults.to_json());
    const bool post = call.method == "POST";
    if (post && call.target == "/flows") return add_flows(call);
    if (post && call.target == "/faults") return change_faults(call);
    if (post && call.target == "/clock/advance") return advance_clock(call);
    if (post && call.target == "/shutdown") {
        Reply reply = json_reply({{"status", "stopping"}});
        reply.written = parts_.shut_down;
        return reply;
    }
    constexpr std::string_view one = "/flows/";
    if ((get || post) && call.target.starts_with(one)) {
        std::int64_t id = 0;
        const std::string_view digits = call.target.substr(one.size());
        std::from_chars(digits.data(), digits.data() + digits.size(), id);
        if (parts_.world.find(id) != nullptr) return get ? show_flow(id) : change_flow(call, id);
    }
    return json_reply({{"error", "no such call"}}, 404);
}

Reply SignhubControl::add_flows(const Call& call) {
    const json body = call.body.empty() ? json::object() : json::parse(call.body);
    const int count = body.value("count", 1);
    if (count < 1) throw std::invalid_argument("count is at least 1");
    const FlowPlan plan = plan_in(body, parts_.world.rules(), parts_.clock.now().virtual_time);
    json flows = json::array();
    for (int i = 0; i < count; ++i) {
        const Flow& flow = parts_.world.add(plan);
        if (i < most_listed) flows.push_back(flow.id);
    }
    const json first = flows.front();
    return json_reply({{"flow", first}, {"count", count}, {"flows", std::move(flows)}}, 201);
}

// Ends the flow otherwise, or at another time, than planned.
Reply SignhubControl::change_flow(const Call& call, std::int64_t id) {
    const json body = json::parse(call.body);
    Flow& flow = *parts_.world.find(id);
    flow.plan.ending = ending_in(body, flow.plan.ending);
    flow.plan.step = us(body, "step_ms", flow.plan.step);
    flow.plan.disagree = us(body, "disagree_ms", flow.plan.disagree);
    flow.plan.document_after = us(body, "document_after_ms", flow.plan.document_after);
    if (body.contains("first_change_ms"))
        flow.plan.first_change = parts_.clock.now().virtual_time + us(body, "first_change_ms", microseconds{});
    return show_flow(id);
}

Reply SignhubControl::show_flow(std::int64_t id) {
    return json_reply(describe(*parts_.world.find(id), parts_.world.rules(), parts_.clock.now().virtual_time));
}

Reply SignhubControl::list_flows() {
    const microseconds now = parts_.clock.now().virtual_time;
    json flows = json::array();
    for (const Flow& flow : parts_.world.flows())
        flows.push_back(describe(flow, parts_.world.rules(), now));
    return json_reply({{"flows", std::move(flows)}});
}

Reply SignhubControl::list_canaries() {
    json canaries = json::array();
    for (const Flow& flow : parts_.world.flows()) {
        for (std::size_t i = 0; i < flow.plan.types.size(); ++i) {
            for (std::string text : {email_of(flow, i), full_name_of(flow, i), national_number_of(flow, i)})
                canaries.push_back(std::move(text));
        }
    }
    return json_reply(canaries);
}

Reply SignhubControl::change_faults(const Call& call) {
    const json body = json::parse(call.body);
    if (body.contains("clear") && body["clear"].is_array()) {
        for (const json& name : body["clear"])
            parts_.faults.clear(name.get<std::string>());
    } else if (body.value("clear", false)) {
        parts_.faults.clear_all();
    }
    if (body.contains("set")) {
        for (const json& fault : body["set"])
            parts_.faults.set(fault.get<std::string>());
    }
    return json_reply(parts_.faults.to_json());
}

Reply SignhubControl::advance_clock(const Call& call) {
    const json body = json::parse(call.body);
    parts_.clock.advance(microseconds{body.at("ms").get<std::int64_t>() * 1000});
    return json_reply({{"virtual_ms", ms(parts_.clock.now().virtual_time)}});
}

}  // namespace signwatch::simulator::signhub
