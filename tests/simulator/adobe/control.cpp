#include "tests/simulator/adobe/control.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace signwatch::simulator::adobe {
namespace {

using nlohmann::json;

double ms(microseconds time) {
    return static_cast<double>(time.count()) / 1000.0;
}

microseconds duration_in(const json& body, const char* key, microseconds fallback = {}) {
    return body.contains(key) ? microseconds{std::llround(body.at(key).get<double>() * 1000)} : fallback;
}

Ending ending_in(const json& body) {
    const auto ending = ending_named(body.value("ending", "signed"));
    if (!ending) throw std::invalid_argument("ending is signed, rejected, recalled, expired, running or another one");
    return *ending;
}

json describe(const AdobeFile& file) {
    return {{"sha256", file.sha256}, {"size", file.bytes ? file.bytes->size() : 0}, {"deliveries", file.deliveries}};
}

json describe(const Agreement& agreement, microseconds now) {
    json result{{"agreement", agreement.id},
                {"number", agreement.number},
                {"external_id", agreement.external_id},
                {"ending", name_of(agreement.plan.ending)},
                {"created_ms", ms(agreement.plan.created)},
                {"ends_ms", nullptr},
                {"status", nullptr},
                {"ended", false},
                {"looks", agreement.looks},
                {"end_told", agreement.end_told},
                {"document", describe(agreement.combined)},
                {"audit_trail", describe(agreement.audit)},
                {"form_deliveries", agreement.form_deliveries}};
    if (agreement.plan.ends < never) result["ends_ms"] = ms(agreement.plan.ends);
    if (agreement.plan.created > now) return result;
    const AgreementState state = state_at(agreement.plan, now);
    result["status"] = state.status;
    result["ended"] = state.ended;
    result["participants"] = state.participants;
    return result;
}

}  // namespace

Reply AdobeControl::handle(const Call& call) {
    return answer_control(call, parts_.shared, [this](const Call& own) { return answer(own); });
}

Reply AdobeControl::answer(const Call& call) {
    const bool get = call.method == "GET";
    if (get && call.target == "/referee") return referee_told();
    if (get && call.target == "/agreements") return list_agreements();
    if (get && call.target == "/canaries") return list_canaries();
    const bool post = call.method == "POST";
    if (post && call.target == "/agreements") return add_agreements(call);
    if (post && call.target == "/agreements/change") return change_agreement(call);
    if (post && call.target == "/tokens") return change_tokens(call);
    if (post && call.target == "/migrate") {
        parts_.api.migrate();
        return json_reply({{"access_point", parts_.api.access_point()}});
    }
    if (auto reply = parts_.hooks.control(call)) return std::move(*reply);
    return json_reply({{"error", "no such call"}}, 404);
}

Reply AdobeControl::referee_told() {
    const microseconds now = parts_.shared.clock.now().virtual_time;
    json result = parts_.referee.to_json();
    std::uint64_t ended = 0;
    std::uint64_t offered = 0;
    std::uint64_t downloaded = 0;
    std::uint64_t told = 0;
    for (const Agreement& agreement : parts_.world.agreements()) {
        const bool has_ended = agreement.plan.ends <= now;
        ended += has_ended ? 1U : 0U;
        told += agreement.end_told ? 1U : 0U;
        const bool completed = has_ended && is_completed(agreement.plan.ending);
        offered += completed && agreement.plan.ends + agreement.document_after <= now ? 1U : 0U;
        downloaded += completed && agreement.combined.deliveries > 0 ? 1U : 0U;
    }
    result["agreements"] = parts_.world.agreements().size();
    result["agreements_ended"] = ended;
    result["ends_told"] = told;
    result["documents_offered"] = offered;
    result["documents_downloaded"] = downloaded;
    result["virtual_ms"] = ms(now);
    return json_reply(result);
}

Reply AdobeControl::add_agreements(const Call& call) {
    const json body = call.body.empty() ? json::object() : json::parse(call.body);
    const microseconds now = parts_.shared.clock.now().virtual_time;
    const int count = body.value("count", 1);
    if (count < 1 || count > 200'000) throw std::invalid_argument("count is 1 to 200000");
    AgreementSpec spec{.ending = ending_in(body),
                       .participants = body.value("participants", 1),
                       .processed_after = duration_in(body, "processed_ms"),
                       .first_action_after = duration_in(body, "first_ms"),
                       .step = duration_in(body, "step_ms")};
    const microseconds first = spec.first_action_after;
    const microseconds spread = duration_in(body, "spread_ms");
    json agreements = json::array();
    for (int i = 0; i < count; ++i) {
        spec.first_action_after = first + spread * i / count;
        Agreement& agreement = parts_.world.create(spec, now);
        agreement.document_after = duration_in(body, "document_after_ms", parts_.options.document_after);
        agreement.form = body.value("form", agreement.form);
        if (body.contains("external_id")) agreement.external_id = body["external_id"].get<std::string>();
        agreements.push_back(agreement.id);
    }
    parts_.sender.wake();
    const json one = agreements.front();
    return json_reply({{"agreement", one}, {"agreements", std::move(agreements)}}, 201);
}

// The next participant acts, or another end comes, so long from now.
Reply AdobeControl::change_agreement(const Call& call) {
    const json body = json::parse(call.body);
    Agreement* const agreement = parts_.world.find(body.at("agreement").get<std::string>());
    if (agreement == nullptr) throw std::invalid_argument("no such agreement");
    const microseconds now = parts_.shared.clock.now().virtual_time;
    if (body.value("act", false))
        act(agreement->plan, now);
    else
        end_otherwise(agreement->plan, ending_in(body), duration_in(body, "end_ms"), now);
    agreement->hooks_next = {};
    parts_.sender.wake();
    return json_reply(describe(*agreement, now));
}

Reply AdobeControl::list_agreements() {
    const microseconds now = parts_.shared.clock.now().virtual_time;
    json agreements = json::array();
    for (const Agreement& agreement : parts_.world.agreements())
        agreements.push_back(describe(agreement, now));
    return json_reply({{"virtual_ms", ms(now)}, {"agreements", std::move(agreements)}});
}

Reply AdobeControl::list_canaries() {
    json canaries = json::array();
    for (const Agreement& agreement : parts_.world.agreements()) {
        for (int i = 0; i < static_cast<int>(agreement.plan.acts.size()); ++i) {
            canaries.push_back(email_of(agreement, i));
            canaries.push_back(full_name_of(agreement, i));
        }
    }
    return json_reply(canaries);
}

Reply AdobeControl::change_tokens(const Call& call) {
    const json body = json::parse(call.body);
    const microseconds now = parts_.shared.clock.now().virtual_time;
    if (body.value("expire", false)) parts_.tokens.expire_access(now);
    if (body.value("revoke", false)) parts_.tokens.revoke_all(now);
    return json_reply({{"status", "done"}});
}

}  // namespace signwatch::simulator::adobe
