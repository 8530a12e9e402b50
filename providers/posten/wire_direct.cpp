#include <algorithm>

#include "core/domain/error.hpp"
#include "providers/posten/wire_fields.hpp"

namespace signwatch::posten {
namespace {

struct SignerStatus {
    std::optional<std::string> signer;
    WireSigner value;
};

struct XadesUrl {
    std::optional<std::string> signer;
    std::string url;
};

// @signer is a personal number or the sender's own word for the signer; only the first has 11 digits.
Sensitive identity_of(const std::optional<std::string>& signer) {
    const std::string word = bounded(signer, longest_identity, "signer");
    if (word.empty()) return {};
    const bool number = word.size() == 11 && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
    return Sensitive{(number ? "pin:" : "custom:") + word};
}

SignerStatus parse_status(pugi::xml_node node) {
    SignerStatus status;
    status.signer = attribute_of(node, "signer");
    status.value.identity = identity_of(status.signer);
    status.value.status = upper(text_of(node));
    status.value.since = bounded(attribute_of(node, "since"), 100, "since");
    return status;
}

XadesUrl parse_xades(pugi::xml_node node) {
    XadesUrl xades;
    xades.signer = attribute_of(node, "signer");
    xades.url = bounded(text_of(node), longest_url, "xades-url");
    return xades;
}

// The signer with the same @signer who has none yet, one that has signed before any other.
SignerStatus* owner_of(const XadesUrl& xades, std::vector<SignerStatus>& statuses, std::size_t urls) {
    if (statuses.size() == 1 && urls == 1 && (!xades.signer || !statuses.front().signer)) return &statuses.front();
    SignerStatus* owner = nullptr;
    for (SignerStatus& status : statuses) {
        if (status.signer != xades.signer || !status.value.xades_url.empty()) continue;
        if (status.value.status == "SIGNED") return &status;
        if (owner == nullptr) owner = &status;
    }
    return owner;
}

void join(const std::vector<XadesUrl>& urls, std::vector<SignerStatus>& statuses) {
    for (const XadesUrl& xades : urls) {
        SignerStatus* owner = owner_of(xades, statuses, urls.size());
        if (owner == nullptr) throw Error(ErrorKind::integrity, "xades_unmatched", "a XAdES that belongs to no signer");
        owner->value.xades_url = Sensitive{xades.url};
    }
}

template <typename Item>
void append(std::vector<Item>& list, Item item) {
    if (list.size() == most_signers) throw Error(ErrorKind::integrity, "signer_count", "a job with too many signers");
    list.push_back(std::move(item));
}

}  // namespace

WireUpdate parse_direct(pugi::xml_node root) {
    WireUpdate update;
    update.flow = Flow::direct;
    std::optional<std::string> reference;
    std::optional<std::string> id;
    std::optional<std::string> job_status;
    std::optional<std::string> confirmation;
    std::optional<std::string> pades;
    std::vector<SignerStatus> statuses;
    std::vector<XadesUrl> urls;
    for (const pugi::xml_node child : root.children()) {
        const std::string_view name = api_name(child);
        if (name == "reference")
            take_once(reference, child);
        else if (name == "signature-job-id")
            take_once(id, child);
        else if (name == "signature-job-status")
            take_once(job_status, child);
        else if (name == "confirmation-url")
            take_once(confirmation, child);
        else if (name == "pades-url")
            take_once(pades, child);
        else if (name == "status")
            append(statuses, parse_status(child));
        else if (name == "xades-url") {
            XadesUrl xades = parse_xades(child);
            if (!xades.url.empty()) append(urls, std::move(xades));
        }
    }
    join(urls, statuses);
    for (SignerStatus& status : statuses)
        update.signers.push_back(std::move(status.value));
    update.reference = reference_of(reference);
    update.job_id = job_id_of(required(id, "signature-job-id"));
    update.job_status = required(job_status, "signature-job-status");
    update.confirmation_url = Sensitive{bounded(confirmation, longest_url, "confirmation-url")};
    update.pades_url = Sensitive{bounded(pades, longest_url, "pades-url")};
    return update;
}

}  // namespace signwatch::posten
