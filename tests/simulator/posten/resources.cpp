#include <utility>

#include "tests/simulator/posten/api.hpp"
#include "tests/simulator/posten/replies.hpp"
#include "tests/simulator/replies.hpp"

namespace signwatch::simulator {
namespace {

constexpr std::string_view pdf_type = "application/octet-stream";

std::string first_part(const Reply& reply) {
    return reply.document->substr(0, reply.document->size() * 2 / 3);
}

std::string picture() {
    return "\x89PNG\r\n\x1a\n" + std::string(2000, 'x');
}

}  // namespace

Reply PostenApi::confirm(Job& job, const Target& target, const Moment& now) {
    if (fires(Fault::confirm_500, job.id)) return html_reply(500);
    if (fires(Fault::confirm_409, job.id)) return error_reply(409, "CONFLICT", "The job is in another state.");
    Reply reply;
    switch (world_.confirm(job, now)) {
        case ConfirmOutcome::confirmed:
            reply.status = options_.confirm_status;
            break;
        case ConfirmOutcome::repeated:
            reply.status = options_.repeat_status;
            break;
        case ConfirmOutcome::unknown:
            return unknown(target, now);
    }
    if (reply.status >= 400) reply = error_reply(reply.status, "ALREADY_CONFIRMED", "There is nothing to confirm.");
    if (fires(Fault::confirm_reply_lost, job.id)) reply.delivery = Delivery::cut_before;
    if (fires(Fault::confirm_slow, job.id)) reply.delivery = Delivery::slow;
    return reply;
}

Reply PostenApi::cancel(Job& job, const Target& target, const Moment& now) {
    switch (world_.cancel(job, now)) {
        case CancelOutcome::cancelled:
            return {.status = 204};
        case CancelOutcome::conflict:
            return error_reply(409, "CONFLICT", "The job is completed.");
        case CancelOutcome::unknown:
            break;
    }
    return unknown(target, now);
}

Reply PostenApi::download(Job& job, const Target& target, const Moment& now) {
    const bool is_pades = target.kind == TargetKind::pades;
    const auto index = static_cast<std::size_t>(target.signer) - 1;
    if (!is_pades && index >= job.xades.size()) return unknown(target, now);
    Document& document = is_pades ? job.pades : job.xades[index];
    if (!document.offered) return unknown(target, now);
    if (job.deleted) {
        referee_.count(Tally::downloads_refused_gone);
        return error_reply(404, "NOT_FOUND", "The job has been deleted.");
    }
    documents_.make(job, document);
    const Download download = world_.begin_download(job, document);
    Reply reply{.content_type = is_pades ? pdf_type : "application/xml",
                .document = document.bytes,
                .written = [this, download] { world_.finish_download(download); }};
    return is_pades ? spoiled_pades(std::move(reply), job.id) : spoiled_xades(std::move(reply), job.id);
}

Reply PostenApi::spoiled_pades(Reply reply, std::int64_t job) {
    if (fires(Fault::pades_500, job)) return error_reply(500, "INTERNAL", "Something went wrong.");
    if (fires(Fault::pades_html, job)) return html_reply(200);
    if (fires(Fault::pades_truncated, job)) return {.content_type = pdf_type, .text = first_part(reply)};
    if (fires(Fault::pades_empty, job)) return {.content_type = pdf_type};
    if (fires(Fault::pades_wrong_type, job)) return {.content_type = "image/png", .text = picture()};
    if (fires(Fault::pades_cut, job)) reply.delivery = Delivery::cut_in_body;
    if (fires(Fault::pades_slow, job)) reply.delivery = Delivery::slow;
    return reply;
}

Reply PostenApi::spoiled_xades(Reply reply, std::int64_t job) {
    if (fires(Fault::xades_500, job)) return error_reply(500, "INTERNAL", "Something went wrong.");
    if (fires(Fault::xades_truncated, job)) return {.text = first_part(reply)};
    return reply;
}

}  // namespace signwatch::simulator
