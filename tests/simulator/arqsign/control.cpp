#include "tests/simulator/arqsign/control.hpp"

#include <cmath>
#include <stdexcept>

#include <nlohmann/json.hpp>

namespace signwatch::simulator {
namespace {

using nlohmann::json;

double ms(microseconds time) {
    return static_cast<double>(time.count()) / 1000.0;
}

json ms_or_null(const std::optional<microseconds>& time) {
    return time ? json(ms(*time)) : json();
}

microseconds duration_in(const json& body, const char* key) {
    return microseconds{std::llround(body.value(key, 0.0) * 1000)};
}

ArqSignEnd end_in(const json& body) {
    const auto end = arqsign_end_named(body.value("end", "completed"));
    if (!end) throw std::invalid_argument("end is never, completed, cancelled, refused, expired or deleted");
    return *end;
}

ArqSignSpec spec_in(const json& body, const ArqSignOptions& options) {
    ArqSignSpec spec;
    spec.signers = body.value("signers", 1);
    spec.documents = body.value("documents", 1);
    spec.document_size = body.value("document_size", options.document_size);
    spec.electronic = body.value("electronic", false);
    spec.end = end_in(body);
    spec.sent_after = duration_in(body, "sent_ms");
    spec.end_after = duration_in(body, "end_ms");
    return spec;
}

json describe(const ArqSignFile& file) {
    return {{"sha256", file.sha256}, {"size", file.bytes ? file.bytes->size() : 0}, {"deliveries", file.deliveries}};
}

json describe(const ArqSignProcess& process, microseconds now) {
    json documents = json::array();
    for (const ArqSignDocument& document : process.documents)
        documents.push_back({{"pdf", describe(document.pdf)}, {"record", describe(document.record)}});
    return {{"process", process.id},
            {"end", name_of(process.spec.end)},
            {"status", process.status_at(now)},
            {"expired", process.expired_at(now)},
            {"ended", process.ended_at(now)},
            {"created_ms", ms(process.created)},
            {"ends_ms", ms(process.ends)},
            {"looks", process.looks},
            {"wholes", process.wholes},
            {"last_look_ms", ms_or_null(process.last_look)},
            {"end_seen_ms", ms_or_null(process.end_seen)},
            {"delivered_ms", ms_or_null(process.delivered)},
            {"documents", std::move(documents)}};
}

}  // namespace

Reply ArqSignControl::handle(const Call& call) {
    return answer_control(call, parts_.shared, [this](const Call& own) {
        if (own.method == "GET" && own.target == "/referee") return json_reply(parts_.referee.to_json(parts_.windows));
        if (own.method == "GET" && own.target == "/processes") return list_processes();
        if (own.method == "GET" && own.target == "/canaries") return list_canaries();
        if (own.method == "POST" && own.target == "/processes") return add_processes(own);
        if (own.method == "POST" && own.target == "/processes/change") return change_process(own);
        if (auto reply = parts_.sender.control(own)) return std::move(*reply);
        return json_reply({{"error", "no such call"}}, 404);
    });
}

// Their ends are evenly spread when `spread_ms` is given: a month of work in one call.
Reply ArqSignControl::add_processes(const Call& call) {
    const json body = call.body.empty() ? json::object() : json::parse(call.body);
    const microseconds now = parts_.shared.clock.now().virtual_time;
    const microseconds spread = duration_in(body, "spread_ms");
    const int count = body.value("count", 1);
    if (count < 1 || count > 100'000) throw std::invalid_argument("count is 1 to 100000");
    json processes = json::array();
    for (int i = 0; i < count; ++i) {
        ArqSignSpec spec = spec_in(body, parts_.options);
        spec.end_after += spread * i / count;
        processes.push_back(parts_.world.create(spec, now).id);
    }
    parts_.sender.wake();
    const json first = processes.front();
    return json_reply({{"process", first}, {"processes", std::move(processes)}}, 201);
}

Reply ArqSignControl::change_process(const Call& call) {
    const json body = json::parse(call.body);
    ArqSignProcess* const process = parts_.world.find(body.at("process").get<std::string>());
    if (process == nullptr) throw std::invalid_argument("no such process");
    const microseconds now = parts_.shared.clock.now().virtual_time;
    parts_.world.change(*process, end_in(body), duration_in(body, "end_ms"), now);
    parts_.sender.wake();
    return json_reply(describe(*process, now));
}

Reply ArqSignControl::list_processes() {
    const microseconds now = parts_.shared.clock.now().virtual_time;
    json processes = json::array();
    for (const ArqSignProcess& process : parts_.world.processes())
        processes.push_back(describe(process, now));
    return json_reply({{"virtual_ms", ms(now)}, {"processes", std::move(processes)}});
}

Reply ArqSignControl::list_canaries() {
    json canaries = json::array();
    for (const ArqSignProcess& process : parts_.world.processes()) {
        for (const ArqSignPerson& person : process.people) {
            for (const std::string& text : {person.id, person.name, person.email, person.phone, person.code})
                canaries.push_back(text);
        }
    }
    return json_reply(canaries);
}

}  // namespace signwatch::simulator
