#include "tests/simulator/signhub/api.hpp"

#include <optional>

#include "tests/simulator/signhub/json.hpp"
#include "tests/simulator/signhub/request.hpp"

namespace signwatch::simulator::signhub {
namespace {

Reply json_reply(std::string text, unsigned status = 200) {
    return {.status = status, .content_type = "application/json; charset=utf-8", .text = std::move(text)};
}

Reply html_reply(unsigned status) {
    return {.status = status,
            .content_type = "text/html",
            .text = "<!DOCTYPE html><html><body>Bakım çalışması</body></html>"};
}

}  // namespace

bool SignhubApi::fires(SignhubFault fault, std::int64_t flow) {
    if (!faults_.fires(static_cast<std::size_t>(fault), flow)) return false;
    world_.count(Count::faults);
    return true;
}

Reply SignhubApi::handle(const Call& call, const Moment& now) {
    Reply reply = answer(call, now);
    if (reply.status == 429) world_.count(Count::throttled);
    return reply;
}

Reply SignhubApi::answer(const Call& call, const Moment& now) {
    if (!world_.admit(now)) return json_reply(error_envelope("\"simulated: too many calls\""), 429);
    if (!call.header || call.header("X-API-KEY") != options_.api_key) {
        world_.foul(Foul::wrong_credentials, now, std::string{call.method});
        return json_reply(error_envelope("\"simulated: no such key\""), 401);
    }
    const auto question = call.target.find('?');
    std::string_view path = call.target.substr(0, question);
    if (!path.starts_with(base)) return malformed(call, now);
    path.remove_prefix(base.size());
    if (path == "/flow/ApiGetFlowStatus" && call.method == "POST") return status(call, now);
    if (path == "/flow/ApiDownloadSignedPdf" && call.method == "GET" && question != std::string_view::npos)
        return download(call, call.target.substr(question + 1), now);
    if (path == "/verification/ApiVerifySignaturesPades" && call.method == "POST") return verify(call, now);
    return malformed(call, now);
}

Reply SignhubApi::malformed(const Call& call, const Moment& now) {
    const std::string what = std::string{call.method} + " " + std::string{call.target.substr(0, call.target.find('?'))};
    world_.foul(Foul::malformed_calls, now, what);
    return json_reply(error_envelope("\"simulated: bad request\""), 400);
}

Reply SignhubApi::unknown_flow() {
    world_.count(Count::unknown_flows);
    return json_reply(error_envelope("\"simulated: flow not found\""), 400);
}

Reply SignhubApi::status(const Call& call, const Moment& now) {
    const std::optional<SignhubRequest> request = read_status_request(call);
    if (!request) return malformed(call, now);
    Flow* flow = world_.find(request->flow);
    if (flow == nullptr) return unknown_flow();
    world_.note_look(*flow, request->id, now);
    Reply reply = spoiled(told(*flow, now), *flow);
    const bool lost = reply.delivery != Delivery::whole && reply.delivery != Delivery::slow;
    if (lost) reply.written = nullptr;
    return reply;
}

// The state, in one of its forms.
Reply SignhubApi::told(Flow& flow, const Moment& now) {
    FlowState state = state_at(flow.plan, now.virtual_time, world_.rules().portal_steps);
    const std::int64_t id = flow.id;
    bool honest = true;
    if (fires(SignhubFault::unknown_status, id)) {
        state.status = 99;
        honest = false;
    }
    if (fires(SignhubFault::unknown_item_status, id)) {
        state.items.back().status = 35;
        honest = false;
    }
    if (state.status == 4 && fires(SignhubFault::items_disagree, id)) {
        state.items.back().status = 30;
        honest = false;
    }
    const StatusForm form{.envelope = !fires(SignhubFault::no_envelope, id),
                          .pascal_case = fires(SignhubFault::pascal_case, id),
                          .numbers_as_strings = fires(SignhubFault::numbers_as_strings, id),
                          .enum_names = fires(SignhubFault::enum_names, id),
                          .offsets = !fires(SignhubFault::offset_missing, id),
                          .byte_order_mark = fires(SignhubFault::byte_order_mark, id),
                          .with_error = fires(SignhubFault::error_with_result, id)};
    Reply reply = json_reply(write_status(flow, state, options_.epoch, form));
    if (form.with_error) {
        world_.note_failure(flow);
    } else if (honest && state.ended()) {
        reply.written = [this, &flow] { world_.note_end_told(flow); };
    }
    return reply;
}

// Another answer instead, if a fault says so.
Reply SignhubApi::spoiled(Reply reply, Flow& flow) {
    const std::int64_t id = flow.id;
    std::optional<Reply> other;
    if (fires(SignhubFault::unauthorized, id)) other = json_reply(error_envelope("\"simulated: no such key\""), 401);
    if (fires(SignhubFault::throttled, id)) other = json_reply("", 429);
    if (fires(SignhubFault::throttled_until, id)) {
        other = json_reply("", 429);
        other->fields = "Retry-After: 7\r\n";
    }
    if (fires(SignhubFault::html_503, id)) other = html_reply(503);
    if (fires(SignhubFault::error_500, id)) other = json_reply(error_envelope("\"simulated: failure\""), 500);
    if (fires(SignhubFault::html_200, id)) other = html_reply(200);
    if (fires(SignhubFault::empty_200, id)) other = json_reply("");
    if (fires(SignhubFault::error_string, id)) other = json_reply(error_envelope("\"simulated: string form\""));
    if (fires(SignhubFault::error_object, id))
        other = json_reply(error_envelope(R"({"code":"SIM","message":"simulated: object form"})"));
    if (fires(SignhubFault::error_array, id)) other = json_reply(error_envelope(R"(["simulated:","array form"])"));
    if (fires(SignhubFault::not_ok, id))
        other = json_reply(R"({"result":{"isOk":false,"startFlowError":"simulated: not ok"},"error":null})");
    if (fires(SignhubFault::truncated, id)) other = json_reply(reply.text.substr(0, reply.text.size() / 2));
    if (other) {
        world_.note_failure(flow);
        return std::move(*other);
    }
    if (fires(SignhubFault::slow, id)) reply.delivery = Delivery::slow;
    if (fires(SignhubFault::cut_before, id)) reply.delivery = Delivery::cut_before;
    if (fires(SignhubFault::cut_in_body, id)) reply.delivery = Delivery::cut_in_body;
    if (reply.delivery == Delivery::cut_before || reply.delivery == Delivery::cut_in_body) world_.note_failure(flow);
    return reply;
}

}  // namespace signwatch::simulator::signhub
