#include "tests/simulator/arqsign/bodies.hpp"

#include <nlohmann/json.hpp>

#include "core/crypto/encoding.hpp"

namespace signwatch::simulator {
namespace {

using nlohmann::ordered_json;

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

std::string finished(const ordered_json& body, const ArqSignForm& form) {
    std::string text = (form.pascal_case ? capitalised(body) : body).dump();
    if (form.duplicate_name) text.insert(1, "\"status\":\"Aguardando\",\"Status\":\"Criado\",");
    return text;
}

int status_of(const ArqSignProcess& process, const ArqSignForm& form, microseconds now) {
    return form.in_process ? 3 : process.status_at(now);
}

void add_status(ordered_json& body, const ArqSignProcess& process, const ArqSignForm& form, microseconds now) {
    const int status = status_of(process, form, now);
    body["nomeProcesso"] = process.name;
    body["status"] = status_word(status, form);
    if (form.old_form) return;
    if (!form.no_id_status) body["idStatus"] = form.unknown_status ? 9 : status;
    if (!form.no_id_status) body["expirado"] = process.expired_at(now);
    const auto date_if = [&](bool there) {
        return there ? ordered_json(form.date(process.ends)) : ordered_json(nullptr);
    };
    body["dataConclusao"] = date_if(status == 4);
    body["dataCancelamento"] = date_if(status == 5);
    body["dataExpiracao"] = date_if(process.expired_at(now));
}

ordered_json signature_of(const ArqSignPerson& person, std::optional<microseconds> at, const ArqSignForm& form) {
    if (!at && !form.pending_as_object) return nullptr;
    ordered_json data;
    data["tipoAssinatura"] = "Assinatura Eletrônica";
    data["idTipoAssinatura"] = 1;
    data["dataAssinatura"] = at ? ordered_json(form.date(*at)) : ordered_json(nullptr);
    data["ip"] = at ? ordered_json("203.0.113.7") : ordered_json(nullptr);
    data["dadosPessoaFisica"] = {{"nomePessoaFisica", person.name}, {"numeroDocumetoPessoaFisica", person.code}};
    return data;
}

ordered_json copy_receiver() {
    return {{"ordemAssinatura", nullptr},
            {"id", "00000000-0000-4000-8000-000000000000"},
            {"nome", "Arquivo"},
            {"tipoAcao", "Receber uma cópia"},
            {"idTipoAcao", 2},
            {"assinaturaRecusada", "false"},
            {"dadosAssinatura", nullptr}};
}

ordered_json document_of(const ArqSignProcess& process, std::size_t i, const ArqSignForm& form) {
    const ArqSignDocument& document = process.documents[i];
    ordered_json body;
    body["id"] = document.id;
    body["ordemDocumento "] = i + 1;
    body["nomeDocumento"] = "Contrato " + std::to_string(i + 1) + ".pdf";
    if (form.links) {
        body["base64Documento"] = nullptr;
        body["linkParaBaixarDocumento"] = form.files_root + file_path(process, i, false);
    } else {
        body["base64Documento"] =
            form.document_missing ? ordered_json(nullptr) : ordered_json(base64_of(*document.pdf.bytes, form));
    }
    body["registroAssinaturas"] = nullptr;
    if (!form.record) return body;
    body["registroAssinaturas"] = {{"nome", "Contrato_Registro de assinaturas.pdf"}};
    ordered_json& record = body["registroAssinaturas"];
    if (form.links)
        record["linkParaBaixarDocumento"] = form.files_root + file_path(process, i, true);
    else
        record["base64"] = base64_of(*document.record.bytes, form);
    return body;
}

}  // namespace

std::string status_word(int status, const ArqSignForm& form) {
    static constexpr const char* words[3][5] = {{"Criado", "Aguardando", "Em processo", "Concluído", "Cancelado"},
                                                {"Created", "Pending", "In Process", "Completed", "Canceled"},
                                                {"Creado", "Pendiente", "En proceso", "Concluido", "Cancelado"}};
    if (form.unknown_status) return "Arquivado";
    std::string word = words[static_cast<int>(form.language)][status - 1];
    if (form.mojibake) word = replaced(word, "í", "\xC3\x83\xC2\xAD");
    if (form.mojibake_mac) word = replaced(word, "í", "√≠");
    return word;
}

ordered_json capitalised(const ordered_json& value) {
    if (value.is_array()) {
        ordered_json list = ordered_json::array();
        for (const auto& element : value)
            list.push_back(capitalised(element));
        return list;
    }
    if (!value.is_object()) return value;
    ordered_json object = ordered_json::object();
    for (const auto& [name, member] : value.items()) {
        std::string changed = name;
        if (changed[0] >= 'a' && changed[0] <= 'z') changed[0] = static_cast<char>(changed[0] - 32);
        object[changed] = capitalised(member);
    }
    return object;
}

ordered_json signer_body(const ArqSignProcess& process, std::size_t i, const ArqSignForm& form, microseconds now) {
    const ArqSignPerson& person = process.people[i];
    const auto acted = process.acted_at(i, now);
    const bool refused = acted && process.spec.end == ArqSignEnd::refused && i + 1 == process.people.size();
    ordered_json signer;
    signer["ordemAssinatura"] = i + 1;
    signer["id"] = person.id;
    signer["nome"] = person.name;
    signer["email"] = person.email;
    signer["telefone"] = person.phone;
    signer["tipoAcao"] = "Assinar Online";
    signer["idTipoAcao"] = 1;
    signer["assinaturaRecusada"] = refused ? "true" : "false";
    signer["motivoRecusa"] = refused ? ordered_json("Valor incorreto") : ordered_json(nullptr);
    signer["seguranca"] = {{"codigoSeguranca", person.code}};
    signer["dadosAssinatura"] = signature_of(person, refused ? std::nullopt : acted, form);
    return signer;
}

std::string base64_of(const std::string& bytes, const ArqSignForm& form) {
    std::string text = crypto::to_base64(bytes);
    if (form.base64_broken) text[text.size() / 2] = '*';
    if (!form.base64_lines) return text;
    std::string lines;
    for (std::size_t at = 0; at < text.size(); at += 76)
        lines += text.substr(at, 76) + "\r\n";
    return lines;
}

std::string write_status(const ArqSignProcess& process, const ArqSignForm& form, microseconds now) {
    ordered_json body;
    add_status(body, process, form, now);
    return finished(body, form);
}

std::string write_process(const ArqSignProcess& process, const ArqSignForm& form, microseconds now) {
    ordered_json body;
    add_status(body, process, form, now);
    body["caminhoDaPasta"] = "Arquivar \\ Contratos";
    body["signatarios"] = ordered_json::array();
    for (std::size_t i = 0; i < process.people.size(); ++i)
        body["signatarios"].push_back(signer_body(process, i, form, now));
    body["signatarios"].push_back(copy_receiver());
    body["documentos"] = ordered_json::array();
    for (std::size_t i = 0; i < process.documents.size(); ++i)
        body["documentos"].push_back(document_of(process, i, form));
    return finished(body, form);
}

std::string file_path(const ArqSignProcess& process, std::size_t document, bool record) {
    return "/files/" + process.id + "/" + std::to_string(document) + (record ? "/record" : "/pdf") + "?sig=s%2B1";
}

}  // namespace signwatch::simulator
