#include "tests/simulator/posten/control_api.hpp"

#include <stdexcept>

#include <nlohmann/json.hpp>

#include "tests/simulator/control_calls.hpp"

namespace signwatch::simulator {
namespace {

using nlohmann::json;

double ms(microseconds time) {
    return static_cast<double>(time.count()) / 1000.0;
}

json ms_or_null(microseconds time) {
    return time.count() == 0 ? json() : json(ms(time));
}

json describe(const Update& update) {
    json signers = json::array();
    for (const SignerState& state : update.signers)
        signers.push_back(state.status);
    return {{"status", name_of(update.status)},
            {"state", name_of(update.state)},
            {"signers", std::move(signers)},
            {"deliveries", update.deliveries},
            {"offered_at_ms", ms(update.offered_at)},
            {"delivered_at_ms", ms_or_null(update.delivered_at)},
            {"confirmed_at_ms", ms_or_null(update.confirmed_at)}};
}

json describe(const Document& document) {
    json result{{"kind", document.signer == 0 ? "pades" : "xades"},
                {"offered", document.offered},
                {"downloaded", document.downloaded},
                {"downloads", document.downloads},
                {"size", document.size},
                {"sha256", document.sha256}};
    if (document.signer != 0) result["signer"] = document.signer;
    return result;
}

json describe(const Job& job) {
    json updates = json::array();
    for (const Update& update : job.updates)
        updates.push_back(describe(update));
    json documents = json::array();
    if (job.pades.offered || job.pades.size > 0) documents.push_back(describe(job.pades));
    for (const Document& document : job.xades) {
        if (document.offered || document.size > 0) documents.push_back(describe(document));
    }
    return {{"job", job.id},
            {"organisation", job.spec.organisation},
            {"flow", name_of(job.spec.flow)},
            {"queue", job.spec.queue},
            {"reference", job.spec.reference},
            {"expected_updates", job.steps},
            {"deleted", job.deleted},
            {"updates", std::move(updates)},
            {"documents", std::move(documents)}};
}

template <typename Value>
Value required(std::optional<Value> value, const char* complaint) {
    if (!value) throw std::invalid_argument(complaint);
    return *value;
}

JobSpec spec_in(const json& body, const std::string& default_organisation) {
    JobSpec spec;
    spec.organisation = body.value("organisation", default_organisation);
    spec.flow = required(flow_named(body.value("flow", "portal")), "flow is portal or direct");
    spec.queue = body.value("queue", "");
    spec.reference = body.value("reference", "");
    spec.signers = body.value("signers", 1);
    spec.scenario =
        required(scenario_named(body.value("scenario", "completed")), "scenario is completed, failed or in_progress");
    spec.pades_in_progress = body.value("pades_in_progress", false);
    if (body.contains("progress_ms"))
        spec.progress_every = microseconds{body["progress_ms"].get<std::int64_t>() * 1000};
    if (body.contains("pades_size")) spec.pades_size = body["pades_size"].get<std::size_t>();
    if (spec.signers < 1 || spec.signers > 10) throw std::invalid_argument("signers is 1 to 10");
    return spec;
}

}  // namespace

Reply ControlApi::handle(const Call& call) {
    const auto advanced = [this] { parts_.world.advance(parts_.clock.now()); };
    return answer_control(call, {parts_.faults, parts_.clock, parts_.shut_down, advanced}, [this](const Call& own) {
        if (own.method == "GET" && own.target == "/referee") return json_reply(parts_.referee.to_json());
        if (own.method == "GET" && own.target == "/jobs") return list_jobs();
        if (own.method == "GET" && own.target == "/canaries") return list_canaries();
        if (own.method == "POST" && own.target == "/jobs") return add_jobs(own);
        return json_reply({{"error", "no such call"}}, 404);
    });
}

Reply ControlApi::list_canaries() {
    json canaries = json::array();
    for (const Job& job : parts_.world.jobs()) {
        for (const Signer& signer : job.signers) {
            for (const std::string& text : {signer.personal_number, signer.email, signer.mobile, signer.custom}) {
                if (!text.empty()) canaries.push_back(text);
            }
        }
    }
    return json_reply(canaries);
}

Reply ControlApi::add_jobs(const Call& call) {
    const json body = call.body.empty() ? json::object() : json::parse(call.body);
    const JobSpec spec = spec_in(body, parts_.options.organisations.front());
    const microseconds delay{body.value("delay_ms", std::int64_t{0}) * 1000};
    json jobs = json::array();
    for (int i = 0; i < body.value("count", 1); ++i) {
        Job& job = parts_.world.create_job(spec);
        parts_.world.schedule(job, parts_.clock.now().virtual_time + delay);
        jobs.push_back(job.id);
    }
    if (jobs.empty()) throw std::invalid_argument("count is at least 1");
    const json first = jobs.front();
    return json_reply({{"job", first}, {"jobs", std::move(jobs)}}, 201);
}

Reply ControlApi::list_jobs() {
    parts_.world.advance(parts_.clock.now());
    json jobs = json::array();
    for (const Job& job : parts_.world.jobs())
        jobs.push_back(describe(job));
    return json_reply({{"jobs", std::move(jobs)}});
}

}  // namespace signwatch::simulator
