#include "providers/arqsign/wire.hpp"

#include "core/domain/error.hpp"
#include "core/json/folding.hpp"
#include "core/json/value.hpp"

namespace signwatch::arqsign {
namespace {

using json::Value;

constexpr std::size_t longest_refusal = 1'000;

std::optional<WallTime> moment(const Value& value) {
    const auto text = value.text();
    return text ? json::parse_utc(*text) : std::nullopt;
}

bool is_true(const Value& value) {
    return value.boolean().value_or(false);
}

WireStatus status_in(const Value& body) {
    const auto number = body["idstatus"].integer();
    const std::string text = body["status"].text_or_empty();
    if (!number && json::trimmed(text).empty()) {
        throw Error(ErrorKind::integrity, "arqsign_shape", "an answer about a process that names no status");
    }
    WireStatus status;
    status.status = status_of(number, text);
    status.word = clean_word(text.empty() ? "status " + std::to_string(number.value_or(0)) : text);
    status.expired = is_true(body["expirado"]);
    status.concluded_at = moment(body["dataconclusao"]);
    status.cancelled_at = moment(body["datacancelamento"]);
    status.expires_at = moment(body["dataexpiracao"]);
    return status;
}

// "Receber uma cópia", "Receive a copy", "Recibir una copia"
bool only_receives(const Value& signer) {
    const auto action = signer["idtipoacao"].integer();
    if (action) return *action == 2;
    const std::string words = folded(signer["tipoacao"].text_or_empty());
    return words.find("copia") != std::string::npos || words.find("copy") != std::string::npos;
}

// The object may be there for one who has yet to sign: only the date tells (2.5).
WireSigner signer_in(const Value& value) {
    const Value& date = value["dadosassinatura"]["dataassinatura"];
    WireSigner signer;
    signer.identity = Sensitive(value.any_of({"id", "email", "telefone"}).text_or_empty());
    signer.has_signed = !json::trimmed(date.text_or_empty()).empty();
    signer.signed_at = moment(date);
    signer.refused = is_true(value["assinaturarecusada"]);
    signer.unreachable = is_true(value["falhaenvio"]);
    return signer;
}

Sensitive link_in(const Value& value) {
    return Sensitive(value.any_of({"linkparabaixardocumento", "linkparabaixar", "link"}).text_or_empty());
}

WireDocument document_in(const Value& value) {
    const Value& record = value["registroassinaturas"];
    WireDocument document;
    document.link = link_in(value);
    document.record_link = link_in(record.is_list() && !record.items().empty() ? record.items().front() : record);
    return document;
}

Value parse_object(std::string_view body) {
    json::Limits limits;
    limits.bytes = 2 << 20;
    Value value = json::parse(body, limits);
    if (!value.is_object()) throw Error(ErrorKind::integrity, "arqsign_shape", "an answer that is not an object");
    return value;
}

std::string first_text(const Value& value) {
    if (const auto text = value.text()) return *text;
    const Value& message = value.any_of({"message", "mensagem", "title", "detail", "errors", "erro", "error"});
    if (!message.is_null()) return first_text(message);
    return value.items().empty() ? std::string() : first_text(value.items().front());
}

}  // namespace

WireStatus parse_status(std::string_view body) {
    return status_in(parse_object(body));
}

WireProcess parse_process(std::string_view body) {
    const Value value = parse_object(body);
    WireProcess process;
    process.status = status_in(value);
    for (const Value& signer : value["signatarios"].items()) {
        if (!only_receives(signer)) process.signers.push_back(signer_in(signer));
    }
    for (const Value& document : value["documentos"].items())
        process.documents.push_back(document_in(document));
    return process;
}

std::string parse_refusal(std::string_view body) {
    std::string text;
    try {
        text = first_text(json::parse(body));
    } catch (const Error&) {
        text = body.substr(0, longest_refusal);
    }
    return folded(std::string_view(text).substr(0, longest_refusal));
}

}  // namespace signwatch::arqsign
