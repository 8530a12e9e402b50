#include "core/crypto/digest.hpp"
#include "tests/simulator/signhub/api.hpp"
#include "tests/simulator/signhub/json.hpp"
#include "tests/simulator/signhub/request.hpp"

namespace signwatch::simulator::signhub {
namespace {

Reply json_reply(std::string text, unsigned status = 200) {
    return {.status = status, .content_type = "application/json; charset=utf-8", .text = std::move(text)};
}

}  // namespace

const testing::DocumentSigner& SignhubApi::signer() {
    if (!signer_) signer_ = std::make_unique<testing::DocumentSigner>();
    return *signer_;
}

// With fewer documents than flows, several flows have the same bytes.
void SignhubApi::make_document(Flow& flow) {
    if (flow.document) return;
    const std::int64_t first = world_.flows().front().id;
    Flow* owner = options_.documents > 0 ? world_.find(first + (flow.id - first) % options_.documents) : &flow;
    if (!owner->document) {
        const auto signatures = static_cast<int>(owner->plan.types.size());
        std::string bytes =
            signer().signed_pdf("SignHub flow " + std::to_string(owner->id), options_.pdf_size, signatures);
        owner->sha256 = crypto::sha256_hex(bytes);
        owner->document = std::make_shared<const std::string>(std::move(bytes));
    }
    flow.document = owner->document;
    flow.sha256 = owner->sha256;
}

Reply SignhubApi::download(const Call& call, std::string_view query, const Moment& now) {
    const auto request = read_download_request(query);
    if (!request || !call.body.empty()) return malformed(call, now);
    Flow* flow = world_.find(request->flow);
    if (flow == nullptr) return unknown_flow();
    const FlowState state = state_at(flow->plan, now.virtual_time, false);
    if (!state.has_document) {
        if (state.status == 4)
            world_.count(Count::downloads_too_early);
        else
            world_.foul(Foul::downloads_before_finished, now, "flow " + std::to_string(flow->id));
        return json_reply(error_envelope("\"simulated: flow not found\""), 400);
    }
    world_.count(Count::downloads);
    make_document(*flow);
    Reply reply{.content_type = "application/octet-stream", .document = flow->document};
    reply.written = [flow] { ++flow->downloads; };
    return spoiled_pdf(std::move(reply), *flow);
}

Reply SignhubApi::spoiled_pdf(Reply reply, Flow& flow) {
    const std::int64_t id = flow.id;
    if (fires(SignhubFault::pdf_400, id)) return json_reply(error_envelope("\"simulated: flow not found\""), 400);
    if (fires(SignhubFault::pdf_500, id)) return json_reply(error_envelope("\"simulated: failure\""), 500);
    if (fires(SignhubFault::pdf_json, id)) return json_reply(error_envelope("\"simulated: not now\""));
    if (fires(SignhubFault::pdf_html, id))
        return {.content_type = "text/html", .text = "<!DOCTYPE html><html><body>Oturum</body></html>"};
    if (fires(SignhubFault::pdf_empty, id)) return {.content_type = "application/octet-stream"};
    if (fires(SignhubFault::pdf_truncated, id))
        return {.content_type = "application/octet-stream",
                .text = flow.document->substr(0, flow.document->size() / 2)};
    if (fires(SignhubFault::pdf_unsigned, id))
        return {.content_type = "application/octet-stream",
                .text = signer().unsigned_pdf("SignHub flow " + std::to_string(id), options_.pdf_size)};
    if (fires(SignhubFault::pdf_cut, id)) {
        reply.delivery = Delivery::cut_in_body;
        reply.written = nullptr;
    }
    if (fires(SignhubFault::pdf_slow, id)) reply.delivery = Delivery::slow;
    return reply;
}

Reply SignhubApi::verify(const Call& call, const Moment& now) {
    const auto file = file_in(call);
    if (!file || world_.flows().empty()) return malformed(call, now);
    world_.count(Count::verifications);
    if (fires(SignhubFault::verify_500)) return json_reply(error_envelope("\"simulated: failure\""), 500);
    if (fires(SignhubFault::verify_html)) return {.content_type = "text/html", .text = "<html></html>"};
    std::string_view summary = "ALL_VALID";
    const bool is_signed = file->starts_with("%PDF-") && file->find("/ByteRange") != std::string_view::npos;
    if (!is_signed || fires(SignhubFault::verify_invalid)) summary = "CONTAINS_INVALID";
    if (fires(SignhubFault::verify_incomplete)) summary = "CONTAINS_INCOMPLETE";
    const Flow& anybody = world_.flows().front();
    return json_reply(write_verification(full_name_of(anybody, 0), national_number_of(anybody, 0), summary));
}

}  // namespace signwatch::simulator::signhub
