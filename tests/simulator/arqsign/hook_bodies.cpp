#include "tests/simulator/arqsign/hook_bodies.hpp"

#include <array>
#include <ctime>

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/crypto/encoding.hpp"

namespace signwatch::simulator {
namespace {

using nlohmann::ordered_json;

std::string_view name_of(ArqSignTrigger trigger) {
    static constexpr std::array<std::string_view, 8> names{"ProcessoEnviado",
                                                           "ProcessoFalhaEnvio",
                                                           "ProcessoAssinado",
                                                           "ProcessoRecusado",
                                                           "ProcessoCancelado",
                                                           "ProcessoExpirado",
                                                           "ProcessoReenviado",
                                                           "ProcessoConcluido"};
    return names.at(static_cast<std::size_t>(trigger) - 1);
}

void add_process(ordered_json& body, const ArqSignDelivery& delivery, const ArqSignHookForm& form) {
    const ArqSignProcess& process = *delivery.process;
    const auto& date = form.answers.date;
    const int status = process.status_at(delivery.event.at);
    body["nomeProcesso"] = process.name;
    body["idPasta"] = "5f3a1d77-1111-4222-8333-444455556666";
    body["caminhoDaPasta"] = "Arquivar \\ Contratos";
    body["dataCadastro"] = date(process.created);
    body["dataEnvio"] = date(process.created + process.spec.sent_after);
    body["dataConclusao"] = status == 4 ? ordered_json(date(process.ends)) : ordered_json(nullptr);
    body["dataReenvio"] = nullptr;
    body["expiracaoDias"] = 30;
    if (form.old_fields) {
        body["status"] = status_word(status, form.answers);
    } else {
        body["statusProcesso"] = status_word(status, form.answers);
        body["idStatusProcesso"] = status;
    }
}

// Of an event that concerns one signer, there is that one alone.
void add_signers(ordered_json& body, const ArqSignDelivery& delivery, const ArqSignHookForm& form) {
    const ArqSignProcess& process = *delivery.process;
    ordered_json signers = ordered_json::array();
    for (std::size_t i = 0; i < process.people.size(); ++i) {
        const bool concerned = delivery.event.signer < 0 || delivery.event.signer == static_cast<int>(i);
        if (concerned) signers.push_back(signer_body(process, i, form.answers, delivery.event.at));
    }
    body["signatarios"] = std::move(signers);
}

void add_documents(ordered_json& body, const ArqSignDelivery& delivery, const ArqSignHookForm& form, bool links) {
    const ArqSignProcess& process = *delivery.process;
    ordered_json documents = ordered_json::array();
    for (std::size_t i = 0; i < process.documents.size(); ++i) {
        const ArqSignDocument& document = process.documents[i];
        ordered_json record{{"nomeRegistro", "Contrato_Registro de assinaturas.pdf"}};
        ordered_json one{{"id", document.id},
                         {"ordemDocumento", i + 1},
                         {"nomeDocumento", "Contrato " + std::to_string(i + 1) + ".pdf"}};
        if (links) {
            one["linkParaBaixarDocumento"] = form.answers.files_root + file_path(process, i, false);
            record["linkParaBaixarRegistro"] = form.answers.files_root + file_path(process, i, true);
        } else {
            one["base64Documento"] = base64_of(*document.pdf.bytes, form.answers);
            record["base64Registro"] = base64_of(*document.record.bytes, form.answers);
        }
        one["linkDocumentosCompartilhados"] = nullptr;
        one["registroAssinaturas"] = ordered_json::array();
        one["registroAssinaturas"].push_back(std::move(record));
        documents.push_back(std::move(one));
    }
    body["documentos"] = std::move(documents);
}

}  // namespace

std::string arqsign_notification(const ArqSignHook& hook,
                                 const std::string& account,
                                 const ArqSignDelivery& delivery,
                                 const ArqSignHookForm& form) {
    ordered_json body;
    body["evento"] = name_of(delivery.event.trigger);
    body["idProcesso"] = delivery.process->id;
    body["idConta"] = account;
    body["idWebhook"] = hook.id;
    body["dataHoraAtual"] = form.local_now;
    if (!form.no_id_evento && !form.minimal) body["idEvento"] = static_cast<int>(delivery.event.trigger);
    if (hook.spec.process && !form.minimal) add_process(body, delivery, form);
    if (hook.spec.signers && !form.minimal) add_signers(body, delivery, form);
    const bool concluded = delivery.event.trigger == ArqSignTrigger::concluded;
    if (hook.spec.documents && concluded && !form.minimal) add_documents(body, delivery, form, hook.spec.links);
    return (form.camel_case ? body : capitalised(body)).dump();
}

std::string arqsign_hmac(const std::string& key, const std::string& body, bool hex) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(EVP_sha256(),
         key.data(),
         static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(body.data()),
         body.size(),
         digest.data(),
         &size);
    if (hex) return crypto::to_hex({digest.data(), size});
    return crypto::to_base64({reinterpret_cast<const char*>(digest.data()), size});
}

std::string brazilian_time(microseconds wall) {
    const auto seconds = static_cast<std::time_t>(wall.count() / 1'000'000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%d/%m/%Y %H:%M:%S", &parts);
    return text;
}

}  // namespace signwatch::simulator
