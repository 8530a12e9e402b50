#include <utility>

#include "core/domain/error.hpp"
#include "providers/posten/wire_fields.hpp"

namespace signwatch::posten {
namespace {

Sensitive contact_of(pugi::xml_node identifier) {
    std::string email;
    std::string sms;
    for (const pugi::xml_node child : identifier.children()) {
        const std::string_view name = api_name(child);
        if (name == "email")
            email = bounded(attribute_of(child, "address"), longest_identity, "email");
        else if (name == "sms")
            sms = bounded(attribute_of(child, "number"), longest_identity, "sms");
    }
    if (email.empty() && sms.empty()) return {};
    return Sensitive{"contact:" + email + "|" + sms};
}

WireSigner parse_signature(pugi::xml_node signature) {
    WireSigner signer;
    std::optional<std::string> status;
    std::optional<std::string> number;
    std::optional<std::string> xades;
    Sensitive contact;
    for (const pugi::xml_node child : signature.children()) {
        const std::string_view name = api_name(child);
        if (name == "status") {
            take_once(status, child);
            signer.since = bounded(attribute_of(child, "since"), 100, "since");
        } else if (name == "personal-identification-number") {
            take_once(number, child);
        } else if (name == "identifier") {
            if (!contact.empty()) throw Error(ErrorKind::integrity, "xml_duplicate", "a signer with two identifiers");
            contact = contact_of(child);
        } else if (name == "xades-url") {
            take_once(xades, child);
        }
    }
    signer.status = upper(status.value_or(""));
    const std::string pin = bounded(number, longest_identity, "personal-identification-number");
    signer.identity = pin.empty() ? contact : Sensitive{"pin:" + pin};
    signer.xades_url = Sensitive{bounded(xades, longest_url, "xades-url")};
    return signer;
}

void parse_signatures(pugi::xml_node signatures, WireUpdate& update) {
    std::optional<std::string> pades;
    for (const pugi::xml_node child : signatures.children()) {
        const std::string_view name = api_name(child);
        if (name == "signature") {
            if (update.signers.size() == most_signers) {
                throw Error(ErrorKind::integrity, "signer_count", "a job with too many signers");
            }
            update.signers.push_back(parse_signature(child));
        } else if (name == "pades-url") {
            take_once(pades, child);
        }
    }
    update.pades_url = Sensitive{bounded(pades, longest_url, "pades-url")};
}

}  // namespace

WireUpdate parse_portal(pugi::xml_node root) {
    WireUpdate update;
    update.flow = Flow::portal;
    std::optional<std::string> reference;
    std::optional<std::string> id;
    std::optional<std::string> status;
    std::optional<std::string> confirmation;
    bool signatures = false;
    for (const pugi::xml_node child : root.children()) {
        const std::string_view name = api_name(child);
        if (name == "reference")
            take_once(reference, child);
        else if (name == "signature-job-id")
            take_once(id, child);
        else if (name == "status")
            take_once(status, child);
        else if (name == "confirmation-url")
            take_once(confirmation, child);
        else if (name == "signatures") {
            if (std::exchange(signatures, true))
                throw Error(ErrorKind::integrity, "xml_duplicate", "two lists of signatures");
            parse_signatures(child, update);
        }
    }
    update.reference = reference_of(reference);
    update.job_id = job_id_of(required(id, "signature-job-id"));
    update.job_status = required(status, "status");
    update.confirmation_url = Sensitive{bounded(confirmation, longest_url, "confirmation-url")};
    return update;
}

}  // namespace signwatch::posten
