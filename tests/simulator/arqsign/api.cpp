#include "tests/simulator/arqsign/api.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <regex>

#include <nlohmann/json.hpp>

#include "core/crypto/digest.hpp"
#include "tests/simulator/replies.hpp"
#include "tests/simulator/wire_time.hpp"

namespace signwatch::simulator {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr const char* guid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

Reply json_text(std::string text, unsigned status = 200) {
    return {.status = status, .content_type = "application/json; charset=utf-8", .text = std::move(text)};
}

std::string clock_text(std::int64_t seconds) {
    char text[32];
    std::snprintf(text,
                  sizeof text,
                  "%02d:%02d:%02d",
                  static_cast<int>(seconds / 3600),
                  static_cast<int>(seconds / 60 % 60),
                  static_cast<int>(seconds % 60));
    return text;
}

bool matches(std::string_view text, const std::string& pattern, std::cmatch& groups) {
    return std::regex_match(text.data(), text.data() + text.size(), groups, std::regex(pattern));
}

}  // namespace

bool ArqSignApi::fires(ArqSignFault fault, std::int64_t process) {
    return parts_.faults.fires(static_cast<std::size_t>(fault), process);
}

Reply ArqSignApi::refusal(unsigned status, std::string_view text) {
    if (fires(ArqSignFault::errors_as_plain_text)) {
        return {.status = status, .content_type = "text/plain; charset=utf-8", .text = std::string(text)};
    }
    if (fires(ArqSignFault::errors_as_objects)) {
        return json_text(json{{"codigo", status}, {"mensagem", text}}.dump(), status);
    }
    return json_text(json(text).dump(), status);
}

bool ArqSignApi::has_keys(const Call& call) const {
    const std::string_view subscription = call.header("SubscriptionKey");
    const bool known =
        subscription == parts_.keys.subscription_key || subscription == parts_.keys.other_subscription_key;
    return call.header("AppKey") == parts_.keys.app_key && known;
}

Reply ArqSignApi::throttled(microseconds wait, bool quota) {
    parts_.referee.count("throttled");
    const auto real = std::chrono::duration<double>(wait).count() / parts_.options.clock_rate;
    const auto seconds = std::max<std::int64_t>(1, std::llround(std::ceil(real)));
    const std::string message =
        quota ? "Out of call volume quota. Quota will be replenished in " + clock_text(seconds) + "."
              : "Rate limit is exceeded. Try again in " + std::to_string(seconds) + " seconds.";
    Reply reply = json_text(json{{"statusCode", quota ? 403 : 429}, {"message", message}}.dump(), quota ? 403 : 429);
    if (parts_.options.name_wait) reply.fields = "Retry-After: " + std::to_string(seconds) + "\r\n";
    return reply;
}

// What keeps a call from being answered at all.
std::optional<Reply> ArqSignApi::gate(const Call& call, const Moment& now) {
    parts_.referee.count("calls");
    if (!has_keys(call)) {
        parts_.referee.record("wrong_credentials", now, std::string(call.target));
        return refusal(401, "Acesso não autorizado.");
    }
    const auto verdict = parts_.windows.call(now.virtual_time, !parts_.options.enforce);
    if (verdict.exceeded != nullptr) {
        parts_.referee.record("over_" + std::string(verdict.exceeded->name), now, std::string(call.target));
        const bool quota = parts_.options.quota_as_403 && verdict.exceeded->length >= 1h;
        if (parts_.options.enforce) return throttled(verdict.wait, quota);
    }
    if (fires(ArqSignFault::quota_429)) return throttled(60s, false);
    if (fires(ArqSignFault::quota_403)) return throttled(60s, true);
    if (fires(ArqSignFault::unauthorized)) return refusal(401, "Acesso não autorizado.");
    if (fires(ArqSignFault::error_500)) return json_text("", 500);
    if (fires(ArqSignFault::html_503)) return html_reply(503);
    return std::nullopt;
}

Reply ArqSignApi::handle(const Call& call, const Moment& now) {
    if (auto closed = gate(call, now)) return std::move(*closed);
    std::cmatch groups;
    const auto id = [&] { return std::string(groups[1].first, groups[1].second); };
    const bool is_look = matches(call.target, "/api/v1/processo/([^/?]+)/status-do-processo", groups);
    if (!is_look && !matches(call.target, "/api/v2/processo/([^/?]+)(\\?[^#]*)?", groups)) {
        parts_.referee.record("unknown_urls", now, std::string(call.target));
        return refusal(404, "Método não encontrado.");
    }
    if (call.method != "GET" || !call.body.empty()) {
        parts_.referee.record("malformed_calls", now, std::string(call.target));
        return refusal(404, "Método não encontrado.");
    }
    const std::string query(groups.size() > 2 ? groups[2].str() : "");
    return with_process(
        id(), now, [&](ArqSignProcess& process) { return is_look ? look(process, now) : whole(process, query, now); });
}

Reply ArqSignApi::with_process(std::string_view id,
                               const Moment& now,
                               const std::function<Reply(ArqSignProcess&)>& answer) {
    std::cmatch groups;
    if (!matches(id, guid, groups)) {
        parts_.referee.record("malformed_ids", now, std::string(id));
        return refusal(400, "O(s) item(ns) listado(s) está(ão) com o formato incorreto: \"idProcesso\".");
    }
    ArqSignProcess* const process = parts_.world.find(id);
    if (process == nullptr) {
        parts_.referee.count("unknown_process");
        return refusal(400, "O(s) id(s) listado(s) não existe(m): \"idProcesso\".");
    }
    return answer(*process);
}

void ArqSignApi::note_look(ArqSignProcess& process, const Moment& now) {
    parts_.referee.count("looks");
    ++process.looks;
    if (process.end_seen) parts_.referee.count("looks_after_end");
    const auto agreed = parts_.options.agreed_interval;
    // One part in a hundred is for the way that a call takes.
    if (process.last_look && now.virtual_time - *process.last_look < agreed - agreed / 100) {
        parts_.referee.record("looks_too_soon", now, process.id);
    }
    process.last_look = now.virtual_time;
}

Reply ArqSignApi::look(ArqSignProcess& process, const Moment& now) {
    note_look(process, now);
    const bool ended = process.ended_at(now.virtual_time);
    const auto seen = [&process, ended, at = now.virtual_time] {
        if (ended && !process.end_seen) process.end_seen = at;
    };
    if (process.deleted_at(now.virtual_time)) {
        Reply reply = refusal(400, "Documento excluído.");
        reply.written = seen;
        return reply;
    }
    ArqSignForm form = form_for(process, now);
    form.unknown_status = fires(ArqSignFault::unknown_status, process.number);
    form.old_form = fires(ArqSignFault::old_form, process.number);
    Reply reply = json_text(write_status(process, form, now.virtual_time),
                            fires(ArqSignFault::status_201, process.number) ? 201 : 200);
    if (!form.unknown_status) reply.written = seen;
    return damaged(std::move(reply), process);
}

Reply ArqSignApi::whole(ArqSignProcess& process, std::string_view query, const Moment& now) {
    parts_.referee.count("wholes");
    ++process.wholes;
    if (process.deleted_at(now.virtual_time)) return refusal(400, "Documento excluído.");
    const bool concluded = process.status_at(now.virtual_time) == 4;
    if (process.status_at(now.virtual_time) < 4) parts_.referee.count("wholes_before_end");
    ArqSignForm form = form_for(process, now);
    form.links = query.find("arquivoTipo=2") != std::string_view::npos && !fires(ArqSignFault::links_unsupported);
    form.record = query.find("retornarRegistroAssinatura=false") == std::string_view::npos &&
                  !fires(ArqSignFault::record_missing, process.number);
    form.in_process = fires(ArqSignFault::status_disagrees, process.number);
    form.document_missing = fires(ArqSignFault::document_missing, process.number);
    form.base64_broken = fires(ArqSignFault::base64_broken, process.number);
    if (fires(ArqSignFault::link_foreign, process.number)) form.files_root = "https://files.example.invalid";
    make_files(process, form);
    Reply reply = json_text(write_process(process, form, now.virtual_time));
    const bool brings = concluded && !form.links && !form.in_process && !form.document_missing && !form.base64_broken;
    if (brings) {
        reply.written = [this, &process, record = form.record, at = now.virtual_time] {
            for (ArqSignDocument& document : process.documents) {
                ++document.pdf.deliveries;
                if (record) ++document.record.deliveries;
            }
            note_delivery(process, at);
        };
    }
    return damaged(std::move(reply), process);
}

Reply ArqSignApi::handle_file(const Call& call, const Moment& now) {
    parts_.referee.count("files");
    if (!call.header("AppKey").empty() || !call.header("SubscriptionKey").empty()) {
        parts_.referee.record("keys_to_stranger", now, std::string(call.target));
    }
    std::cmatch groups;
    const bool known =
        matches(call.target, "/files/(" + std::string(guid) + ")/([0-9]+)/(pdf|record)\\?sig=s%2B1", groups);
    ArqSignProcess* const process = known ? parts_.world.find(groups[1].str()) : nullptr;
    const std::size_t place = known ? std::stoul(groups[2].str()) : 0;
    if (process == nullptr || place >= process->documents.size() || call.method != "GET") {
        parts_.referee.record("unknown_urls", now, std::string(call.target));
        return html_reply(404);
    }
    if (fires(ArqSignFault::link_expired, process->number)) return html_reply(403);
    if (fires(ArqSignFault::link_500, process->number)) return html_reply(500);
    if (fires(ArqSignFault::link_html, process->number)) return html_reply(200);
    make_files(*process, {});
    ArqSignDocument& document = process->documents[place];
    ArqSignFile& file = groups[3].str() == "pdf" ? document.pdf : document.record;
    Reply reply{.content_type = "application/pdf", .document = file.bytes};
    reply.written = [this, process, &file, at = now.virtual_time] {
        ++file.deliveries;
        note_delivery(*process, at);
    };
    return reply;
}

void ArqSignApi::note_delivery(ArqSignProcess& process, microseconds now) {
    parts_.referee.count("documents_delivered");
    const bool all = std::ranges::all_of(process.documents, [](const auto& one) { return one.pdf.deliveries > 0; });
    if (!all || process.delivered || process.status_at(now) != 4) return;
    process.delivered = now;
    parts_.referee.count("processes_delivered");
}

ArqSignForm ArqSignApi::form_for(const ArqSignProcess& process, const Moment& now) {
    const std::int64_t number = process.number;
    ArqSignForm form;
    if (fires(ArqSignFault::english, number)) form.language = ArqSignForm::Language::english;
    if (fires(ArqSignFault::spanish, number)) form.language = ArqSignForm::Language::spanish;
    form.pascal_case = fires(ArqSignFault::pascal_case, number);
    form.no_id_status = fires(ArqSignFault::no_id_status, number);
    form.mojibake = fires(ArqSignFault::mojibake, number);
    form.mojibake_mac = fires(ArqSignFault::mojibake_mac, number);
    form.pending_as_object = fires(ArqSignFault::pending_as_object, number);
    form.base64_lines = fires(ArqSignFault::base64_lines, number);
    form.duplicate_name = fires(ArqSignFault::duplicate_name, number);
    form.files_root = files_root_;
    // The provider's dates are civil time: the real moment at which the virtual clock was or will be there.
    form.date = [now, rate = parts_.options.clock_rate](microseconds time) {
        return utc_time(wall_of(time, now, rate));
    };
    return form;
}

void ArqSignApi::make_files(ArqSignProcess& process, const ArqSignForm& form) {
    if (!signer_) signer_ = std::make_unique<testing::DocumentSigner>();
    const auto keep = [](ArqSignFile& file, std::string bytes) {
        file.sha256 = crypto::sha256_hex(bytes);
        file.bytes = std::make_shared<const std::string>(std::move(bytes));
    };
    for (ArqSignDocument& document : process.documents) {
        const std::string label = "process " + process.id + " " + document.id;
        const std::size_t size = process.spec.document_size;
        if (!document.pdf.bytes && !form.document_missing) {
            keep(document.pdf,
                 process.spec.electronic ? signer_->unsigned_pdf(label, size)
                                         : signer_->signed_pdf(label, size, process.spec.signers));
        }
        if (!document.record.bytes) keep(document.record, signer_->unsigned_pdf("record of " + label));
    }
}

Reply ArqSignApi::damaged(Reply reply, const ArqSignProcess& process) {
    if (fires(ArqSignFault::not_json, process.number)) {
        reply.text = "<html>" + reply.text;
        reply.written = nullptr;
    }
    if (fires(ArqSignFault::slow_body, process.number)) reply.delivery = Delivery::slow;
    if (fires(ArqSignFault::cut_body, process.number)) reply.delivery = Delivery::cut_in_body;
    return reply;
}

}  // namespace signwatch::simulator
