#include <charconv>
#include <stdexcept>

#include "tests/simulator/adobe/api.hpp"

namespace signwatch::simulator::adobe {
namespace {

Reply json_text(const ordered_json& body) {
    return {.content_type = "application/json;charset=UTF-8", .text = body.dump()};
}

std::size_t number_in(const std::string& text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) throw std::invalid_argument("not a number");
    return value;
}

}  // namespace

BodyForm AdobeApi::form_for(std::int64_t agreement) {
    BodyForm form;
    if (fires(AdobeFault::dates_with_offset, agreement)) form.dates = DateForm::offset;
    if (fires(AdobeFault::dates_compact_offset, agreement)) form.dates = DateForm::compact_offset;
    if (fires(AdobeFault::dates_with_fractions, agreement)) form.dates = DateForm::fractions;
    form.aborted = fires(AdobeFault::aborted_status, agreement);
    form.unknown_status = fires(AdobeFault::unknown_status, agreement);
    form.events_reversed = fires(AdobeFault::events_reversed, agreement);
    return form;
}

Reply AdobeApi::dispatch(const Asked& asked) {
    const Target& target = asked.target;
    const bool get = asked.call.method == "GET";
    if (get && (target.is(1, "baseUris") || target.is(1, "base_uris"))) return base_uris(asked);
    if (get && target.is(1, "agreements")) return list(asked);
    if (asked.call.method == "POST" && target.is(1, "search")) return search(asked);
    if (target.path[0] == "webhooks" && parts_.webhooks) return parts_.webhooks(asked.call, target, asked.now);
    if (get && (target.is(2, "agreements") || target.is(3, "agreements"))) {
        const bool there = asked.agreement != nullptr && asked.agreement->plan.created <= asked.now.virtual_time;
        if (there) return agreement_part(asked);
        parts_.referee.count("unknown_agreements");
        return error_reply(404, "INVALID_AGREEMENT_ID");
    }
    return malformed(asked.call, asked.now);
}

Reply AdobeApi::base_uris(const Asked& asked) {
    parts_.referee.count("base_uris");
    if (asked.target.path[0] == "baseUris" && fires(AdobeFault::base_uris_404)) return error_reply(404, "NOT_FOUND");
    if (fires(AdobeFault::base_uris_snake))
        return json_text({{"api_access_point ", " " + access_point()}, {"web_access_point", access_point()}});
    return json_text({{"apiAccessPoint", access_point()}, {"webAccessPoint", access_point()}});
}

Reply AdobeApi::agreement_part(const Asked& asked) {
    Agreement& agreement = *asked.agreement;
    const std::string part = asked.target.path.size() == 3 ? asked.target.path[2] : "";
    if (part == "combinedDocument") return combined_document(asked);
    if (part == "auditTrail") return audit_trail(asked);
    if (part == "formData") return form_data(asked);
    const AgreementState state = state_at(agreement.plan, asked.now.virtual_time);
    const BodyForm form = form_for(asked.number);
    const Told told{agreement, state, parts_.world.calendar(), form};
    if (part == "members") {
        parts_.referee.count("members_looked_at");
        return json_text(members_body(told));
    }
    if (part == "events") {
        parts_.referee.count("events_looked_at");
        return json_text(events_body(told));
    }
    if (part == "documents") {
        if (state.status == "DOCUMENTS_NOT_YET_PROCESSED") return error_reply(404, "DOCUMENT_NOT_YET_AVAILABLE");
        return json_text(documents_body(told));
    }
    if (!part.empty()) return malformed(asked.call, asked.now);
    parts_.referee.count("agreements_looked_at");
    if (agreement.end_told) parts_.referee.count("looks_after_end");
    ++agreement.looks;
    Reply reply = json_text(agreement_body(told));
    if (state.ended && !form.unknown_status) reply.written = [&agreement] { agreement.end_told = true; };
    return reply;
}

Reply AdobeApi::list(const Asked& asked) {
    parts_.referee.count("lists");
    const std::size_t size = number_in(asked.target.parameter("pageSize", "100"));
    if (size == 0) return error_reply(400, "INVALID_PAGE_SIZE");
    const Replica replica{
        parts_.world, asked.now.virtual_time - parts_.options.lag, form_for(0), parts_.options.page_limit};
    const auto body = list_page(replica,
                                asked.target.parameter("cursor"),
                                size,
                                asked.target.parameter("externalId"),
                                fires(AdobeFault::cursor_blank));
    return body ? json_text(*body) : error_reply(400, "INVALID_CURSOR");
}

Reply AdobeApi::search(const Asked& asked) {
    parts_.referee.count("searches");
    const auto request = nlohmann::json::parse(asked.call.body);
    const Replica replica{
        parts_.world, asked.now.virtual_time - parts_.options.lag, form_for(0), parts_.options.page_limit};
    return json_text(search_page(replica, request, fires(AdobeFault::next_index_absent)));
}

}  // namespace signwatch::simulator::adobe
