#include "tests/simulator/posten/xml.hpp"

#include "tests/simulator/posten/world.hpp"
#include "tests/simulator/wire_time.hpp"

namespace signwatch::simulator {
namespace {

constexpr std::string_view declaration = R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>)";
constexpr std::string_view api_namespace = "http://signering.posten.no/schema/v1";
constexpr std::string_view plain_namespaces = R"( xmlns="http://signering.posten.no/schema/v1")";
constexpr std::string_view prefixed_namespaces =
    R"( xmlns="http://uri.etsi.org/01903/v1.3.2#" xmlns:ns2="http://www.w3.org/2000/09/xmldsig#")"
    R"( xmlns:ns3="http://uri.etsi.org/2918/v1.2.1#" xmlns:ns4="http://signering.posten.no/schema/v1")";
constexpr std::string_view document_type =
    R"(<!DOCTYPE response [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>)";

std::string escaped(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char character : text) {
        switch (character) {
            case '&':
                result += "&amp;";
                break;
            case '<':
                result += "&lt;";
                break;
            case '>':
                result += "&gt;";
                break;
            case '"':
                result += "&quot;";
                break;
            default:
                result += character;
        }
    }
    return result;
}

/// Appends elements of the API namespace, with or without prefix.
class Writer {
public:
    explicit Writer(const XmlForm& form) : form_(form), prefix_(form.ns4_prefix ? "ns4:" : "") { text_.reserve(2048); }

    void open(std::string_view name, std::string_view attributes = {}) { tag("<", name, attributes, ">"); }
    void close(std::string_view name) { tag("</", name, {}, ">"); }
    void empty(std::string_view name, std::string_view attributes) { tag("<", name, attributes, "/>"); }

    void element(std::string_view name, std::string_view value, std::string_view attributes = {}) {
        open(name, attributes);
        text_ += escaped(value);
        close(name);
    }

    void url(std::string_view name, const std::string& value, std::string_view attributes = {}) {
        open(name, attributes);
        if (form_.extra_elements) text_ += "\n    <!-- opaque -->";
        text_ += escaped(value);
        if (form_.extra_elements) text_ += "\n  ";
        close(name);
    }

    void root(std::string_view name) {
        text_ += declaration;
        if (form_.doctype) text_ += document_type;
        open(name, form_.ns4_prefix ? prefixed_namespaces : plain_namespaces);
    }

    void surprise() {
        if (!form_.extra_elements) return;
        text_ += R"(<x:audit xmlns:x="urn:example:later" level="3"><x:status>REJECTED</x:status></x:audit>)";
        element("service-message", "new in this version", R"( severity="info")");
    }

    std::string take() { return std::move(text_); }

private:
    void tag(std::string_view begin, std::string_view name, std::string_view attributes, std::string_view end) {
        text_ += begin;
        text_ += prefix_;
        text_ += name;
        text_ += attributes;
        text_ += end;
    }

    const XmlForm& form_;
    std::string_view prefix_;
    std::string text_;
};

std::string attribute(std::string_view name, std::string_view value) {
    return " " + std::string{name} + "=\"" + escaped(value) + "\"";
}

std::string status_attributes(const SignerState& state, const XmlForm& form) {
    std::string result = form.since_missing ? "" : attribute("since", norwegian_time(state.since));
    if (form.extra_elements) result += R"( channel="app")";
    return result;
}

void write_head(Writer& out, const Job& job, const Update& update, const XmlForm& form, std::string_view status_name) {
    out.element("reference", job.spec.reference);
    out.element("signature-job-id", std::to_string(job.id));
    out.element(status_name, form.unknown_status ? "PARTIALLY_COMPLETED" : name_of(update.status));
    out.surprise();
}

void write_identity(Writer& out, const Signer& signer) {
    if (!signer.personal_number.empty()) return out.element("personal-identification-number", signer.personal_number);
    out.open("identifier");
    if (!signer.email.empty()) out.empty("email", attribute("address", signer.email));
    if (!signer.mobile.empty()) out.empty("sms", attribute("number", signer.mobile));
    out.close("identifier");
}

std::string write_portal(const Job& job, const Update& update, const XmlForm& form) {
    const std::string base = job_url(job, form.root);
    Writer out(form);
    out.root("portal-signature-job-status-change-response");
    write_head(out, job, update, form, "status");
    out.url("confirmation-url", base + "/complete");
    if (update.status == JobStatus::in_progress) out.url("cancellation-url", base + "/cancel");
    out.open("signatures");
    for (std::size_t i = 0; i < update.signers.size(); ++i) {
        out.open("signature");
        out.element("status", update.signers[i].status, status_attributes(update.signers[i], form));
        write_identity(out, job.signers[i]);
        if (offers_xades(update, i)) out.url("xades-url", base + "/xades/" + std::to_string(i + 1));
        out.close("signature");
    }
    if (offers_pades(job, update)) out.url("pades-url", base + "/pades");
    out.close("signatures");
    out.close("portal-signature-job-status-change-response");
    return out.take();
}

std::string signer_attribute(const Job& job, std::size_t signer) {
    const bool left_out = job.signers.size() == 1 && job.id % 2 == 0;
    if (left_out) return {};
    const Signer& who = job.signers[signer];
    return attribute("signer", who.custom.empty() ? who.personal_number : who.custom);
}

std::string write_direct(const Job& job, const Update& update, const XmlForm& form) {
    const std::string base = job_url(job, form.root);
    Writer out(form);
    out.root("direct-signature-job-status-response");
    write_head(out, job, update, form, "signature-job-status");
    for (std::size_t i = 0; i < update.signers.size(); ++i) {
        const std::string attributes = signer_attribute(job, i) + status_attributes(update.signers[i], form);
        out.element("status", update.signers[i].status, attributes);
    }
    out.url("confirmation-url", base + "/complete");
    for (std::size_t i = 0; i < update.signers.size(); ++i) {
        if (!offers_xades(update, i)) continue;
        out.url("xades-url", base + "/xades/" + std::to_string(i + 1), signer_attribute(job, i));
    }
    if (offers_pades(job, update)) out.url("pades-url", base + "/pades");
    out.close("direct-signature-job-status-response");
    return out.take();
}

}  // namespace

std::string job_url(const Job& job, std::string_view root) {
    std::string url{root};
    url += "/" + job.spec.organisation + "/";
    url += name_of(job.spec.flow);
    return url + "/signature-jobs/" + std::to_string(job.id);
}

std::string write_update(const Job& job, const Update& update, const XmlForm& form) {
    return job.spec.flow == Flow::portal ? write_portal(job, update, form) : write_direct(job, update, form);
}

std::string write_error(std::string_view code, std::string_view message) {
    std::string text{declaration};
    text += "<error xmlns=\"";
    text += api_namespace;
    text += "\"><error-code>" + escaped(code) + "</error-code><error-message>" + escaped(message);
    return text + "</error-message><error-type>CLIENT</error-type></error>";
}

}  // namespace signwatch::simulator
