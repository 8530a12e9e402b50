#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "tests/simulator/arqsign/world.hpp"

namespace signwatch::simulator {

/// How answers are written; the defaults are the newest documented form (posten-arqsign 2.4, 2.5).
struct ArqSignForm {
    enum class Language { portuguese, english, spanish };

    Language language = Language::portuguese;
    bool pascal_case = false;
    bool old_form = false;           ///< nothing but name and status
    bool no_id_status = false;       ///< neither idStatus nor expirado
    bool mojibake = false;           ///< UTF-8 read as Latin-1
    bool mojibake_mac = false;       ///< UTF-8 read as MacRoman
    bool pending_as_object = false;  ///< dadosAssinatura of one who has yet to sign is there, without a date
    bool base64_lines = false;       ///< line breaks, as MIME has them
    bool base64_broken = false;
    bool record = true;
    bool document_missing = false;
    bool links = false;
    bool unknown_status = false;
    bool in_process = false;  ///< whatever its state is
    bool duplicate_name = false;
    std::string files_root{};  ///< what links begin with
    /// A virtual time as the provider writes it.
    std::function<std::string(microseconds)> date = [](microseconds) { return std::string(); };
};

std::string write_status(const ArqSignProcess& process, const ArqSignForm& form, microseconds now);

/// The files must have been made.
std::string write_process(const ArqSignProcess& process, const ArqSignForm& form, microseconds now);

/// One signer of it, a file, and the word for a status, as the answers have them.
nlohmann::ordered_json signer_body(const ArqSignProcess& process,
                                   std::size_t signer,
                                   const ArqSignForm& form,
                                   microseconds now);
std::string base64_of(const std::string& bytes, const ArqSignForm& form);
std::string status_word(int status, const ArqSignForm& form);
/// Names begin with a capital, on every level.
nlohmann::ordered_json capitalised(const nlohmann::ordered_json& value);

/// The whole of a link to a file: documents from 0; the record or the PDF itself.
std::string file_path(const ArqSignProcess& process, std::size_t document, bool record);

}  // namespace signwatch::simulator
