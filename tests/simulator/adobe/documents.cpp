#include "core/crypto/digest.hpp"
#include "tests/simulator/adobe/api.hpp"

namespace signwatch::simulator::adobe {
namespace {

std::string label_of(const Agreement& agreement) {
    return "agreement " + std::to_string(agreement.number);
}

Reply pdf_reply(std::shared_ptr<const std::string> bytes) {
    return {.content_type = "application/pdf",
            .fields = "Content-Disposition: attachment; filename=\"agreement.pdf\"\r\n",
            .document = std::move(bytes)};
}

void keep(AdobeFile& file, std::string bytes) {
    file.sha256 = crypto::sha256_hex(bytes);
    file.bytes = std::make_shared<const std::string>(std::move(bytes));
}

}  // namespace

const testing::DocumentSigner& AdobeApi::signer() {
    if (!signer_) signer_ = std::make_unique<testing::DocumentSigner>();
    return *signer_;
}

// With fewer documents than agreements, several agreements have the same bytes.
const AdobeFile& AdobeApi::document_of(Agreement& agreement) {
    if (agreement.combined.bytes) return agreement.combined;
    const std::int64_t distinct = parts_.options.documents;
    Agreement* owner = &agreement;
    if (distinct > 0) owner = &parts_.world.agreements()[static_cast<std::size_t>((agreement.number - 1) % distinct)];
    if (!owner->combined.bytes) {
        const auto signatures = static_cast<int>(owner->plan.acts.size());
        keep(owner->combined, signer().signed_pdf(label_of(*owner), parts_.options.document_size, signatures));
    }
    agreement.combined.sha256 = owner->combined.sha256;
    agreement.combined.bytes = owner->combined.bytes;
    return agreement.combined;
}

// It can be had before its end as well, with the signatures that there are (adobe 1.3, #7).
Reply AdobeApi::combined_document(const Asked& asked) {
    Agreement& agreement = *asked.agreement;
    const microseconds now = asked.now.virtual_time;
    const AgreementState state = state_at(agreement.plan, now);
    const std::string name = "agreement " + std::to_string(agreement.number);
    if (!state.ended) parts_.referee.record("downloads_before_end", asked.now, name);
    const bool completed = state.ended && is_completed(agreement.plan.ending);
    const bool converting = state.status == "DOCUMENTS_NOT_YET_PROCESSED";
    if (converting || (state.ended && now < agreement.plan.ends + agreement.document_after)) {
        parts_.referee.count("downloads_too_early");
        return error_reply(404, "DOCUMENT_NOT_YET_AVAILABLE");
    }
    parts_.referee.count("downloads");
    if (!completed) {
        const std::string label = label_of(agreement);
        const std::size_t size = parts_.options.document_size;
        return pdf_reply(std::make_shared<const std::string>(state.signatures == 0
                                                                 ? signer().unsigned_pdf(label, size)
                                                                 : signer().signed_pdf(label, size, state.signatures)));
    }
    document_of(agreement);
    Reply reply = pdf_reply(agreement.combined.bytes);
    reply.written = [&agreement] { ++agreement.combined.deliveries; };
    if (fires(AdobeFault::downloaded_events, asked.number)) ++agreement.downloaded_events;
    return damaged_pdf(asked, std::move(reply));
}

Reply AdobeApi::damaged_pdf(const Asked& asked, Reply reply) {
    const std::int64_t id = asked.number;
    if (fires(AdobeFault::pdf_not_yet, id)) return error_reply(404, "DOCUMENT_NOT_YET_AVAILABLE");
    if (fires(AdobeFault::pdf_permission_404, id)) return error_reply(404, "PERMISSION_DENIED");
    if (fires(AdobeFault::pdf_html, id))
        return {.content_type = "text/html", .text = "<!DOCTYPE html><html><body>Sign in</body></html>"};
    if (fires(AdobeFault::pdf_empty, id)) return {.content_type = "application/pdf"};
    if (fires(AdobeFault::pdf_truncated, id))
        return {.content_type = "application/pdf", .text = reply.body().substr(0, reply.body().size() / 2)};
    if (fires(AdobeFault::pdf_unsigned, id))
        return {.content_type = "application/pdf",
                .text = signer().unsigned_pdf(label_of(*asked.agreement), parts_.options.document_size)};
    if (fires(AdobeFault::pdf_cut, id)) {
        reply.delivery = Delivery::cut_in_body;
        reply.written = nullptr;
    }
    if (fires(AdobeFault::pdf_slow, id)) reply.delivery = Delivery::slow;
    return reply;
}

Reply AdobeApi::audit_trail(const Asked& asked) {
    Agreement& agreement = *asked.agreement;
    if (fires(AdobeFault::audit_404, asked.number)) return error_reply(404, "DOCUMENT_NOT_YET_AVAILABLE");
    parts_.referee.count("audit_trails");
    const auto version = state_at(agreement.plan, asked.now.virtual_time).events.size();
    const std::string label = "audit trail of " + label_of(agreement) + " at " + std::to_string(version);
    keep(agreement.audit, signer().unsigned_pdf(label));
    Reply reply = pdf_reply(agreement.audit.bytes);
    reply.written = [&agreement] { ++agreement.audit.deliveries; };
    return reply;
}

Reply AdobeApi::form_data(const Asked& asked) {
    Agreement& agreement = *asked.agreement;
    if (fires(AdobeFault::form_500, asked.number)) return error_reply(500, "MISC_SERVER_ERROR");
    parts_.referee.count("form_data");
    const AgreementState state = state_at(agreement.plan, asked.now.virtual_time);
    const BodyForm form;
    Reply reply{.content_type = "text/csv;charset=UTF-8",
                .text = adobe::form_data({agreement, state, parts_.world.calendar(), form})};
    reply.written = [&agreement] { ++agreement.form_deliveries; };
    return reply;
}

}  // namespace signwatch::simulator::adobe
