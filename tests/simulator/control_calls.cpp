#include "tests/simulator/control_calls.hpp"

#include <stdexcept>

#include <nlohmann/json.hpp>

namespace signwatch::simulator {
namespace {

using nlohmann::json;

Reply change_faults(const Call& call, FaultSwitches& faults) {
    const json body = json::parse(call.body);
    if (body.contains("clear") && body["clear"].is_array()) {
        for (const json& name : body["clear"])
            faults.clear(name.get<std::string>());
    } else if (body.value("clear", false)) {
        faults.clear_all();
    }
    if (body.contains("set")) {
        for (const json& fault : body["set"])
            faults.set(fault.get<std::string>());
    }
    return json_reply(faults.to_json());
}

Reply advance(const Call& call, const Controlled& controlled) {
    VirtualClock& clock = controlled.clock;
    const json body = json::parse(call.body);
    clock.advance(microseconds{body.at("ms").get<std::int64_t>() * 1000});
    if (controlled.advanced) controlled.advanced();
    return json_reply({{"virtual_ms", static_cast<double>(clock.now().virtual_time.count()) / 1000.0}});
}

Reply answer(const Call& call, const Controlled& controlled, const CallHandler& own) {
    if (call.method == "GET" && call.target == "/healthz") return json_reply({{"status", "ok"}});
    if (call.method == "GET" && call.target == "/faults") return json_reply(controlled.faults.to_json());
    if (call.method == "POST" && call.target == "/faults") return change_faults(call, controlled.faults);
    if (call.method == "POST" && call.target == "/clock/advance") return advance(call, controlled);
    if (call.method == "POST" && call.target == "/shutdown") {
        Reply reply = json_reply({{"status", "stopping"}});
        reply.written = controlled.shut_down;
        return reply;
    }
    return own(call);
}

}  // namespace

Reply answer_control(const Call& call, const Controlled& controlled, const CallHandler& own) {
    try {
        return answer(call, controlled, own);
    } catch (const json::exception& error) {
        return json_reply({{"error", error.what()}}, 400);
    } catch (const std::invalid_argument& error) {
        return json_reply({{"error", error.what()}}, 400);
    }
}

Reply json_reply(const nlohmann::json& value, unsigned status) {
    return {.status = status, .content_type = "application/json", .text = value.dump() + "\n"};
}

}  // namespace signwatch::simulator
