#include "tests/simulator/posten/api.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "tests/simulator/gzip.hpp"
#include "tests/simulator/posten/replies.hpp"
#include "tests/simulator/posten/xml.hpp"
#include "tests/simulator/replies.hpp"
#include "tests/simulator/wire_time.hpp"

namespace signwatch::simulator {
namespace {

constexpr std::string_view foreign_root = "https://documents.example.net/api";
constexpr microseconds an_hour = std::chrono::hours{1};
constexpr microseconds a_year = std::chrono::hours{24 * 365};

constexpr std::array time_faults{
    Fault::time_missing, Fault::time_malformed, Fault::time_past, Fault::time_far_future, Fault::time_offsetless};

std::string_view method_for(TargetKind kind) {
    return kind == TargetKind::confirm || kind == TargetKind::cancel ? "POST" : "GET";
}

/// What the header says of the permitted time `wall`, under one of the time faults or none.
std::string stated_time(microseconds wall, std::optional<Fault> fault) {
    if (!fault) return norwegian_time(wall);
    switch (*fault) {
        case Fault::time_malformed:
            return "in a while";
        case Fault::time_past:
            return norwegian_time(wall - an_hour);
        case Fault::time_far_future:
            return norwegian_time(wall + a_year);
        case Fault::time_offsetless:
            return offsetless_time(wall);
        default:
            return {};
    }
}

std::string time_field(const std::string& time) {
    return time.empty() ? "" : "X-Next-permitted-poll-time: " + time + "\r\n";
}

Reply blocked_reply() {
    return {.status = 429, .fields = "DoSFilter: unavailable\r\n"};
}

}  // namespace

PostenApi::PostenApi(Options options,
                     PostenWorld& world,
                     CallBudget& budget,
                     DocumentFactory& documents,
                     Faults& faults,
                     Referee& referee)
    : options_(std::move(options)),
      world_(world),
      budget_(budget),
      documents_(documents),
      faults_(faults),
      referee_(referee) {}

bool PostenApi::fires(Fault fault, std::int64_t job) {
    if (!faults_.fires(fault, job)) return false;
    referee_.count(Tally::faults);
    return true;
}

Reply PostenApi::handle(const Call& call, const Moment& now) {
    referee_.count(Tally::calls);
    const Target target = read_target(call.target);
    Reply reply = answer(call, target, now);
    if (reply.status == 429) referee_.count(Tally::throttled);
    return reply;
}

Reply PostenApi::answer(const Call& call, const Target& target, const Moment& now) {
    if (!target.organisation.empty()) {
        if (fires(Fault::dos_block)) budget_.block_by_fault(target.organisation, now);
        if (!budget_.admit(target.organisation, now)) return blocked_reply();
    }
    if (target.kind == TargetKind::unknown) return unknown(target, now);
    const auto& known = options_.organisations;
    const bool ours = std::find(known.begin(), known.end(), target.organisation) != known.end();
    if (!ours || fires(Fault::not_authorized)) {
        return error_reply(403, "BROKER_NOT_AUTHORIZED", "This certificate may not act for that organisation.");
    }
    if (call.method != method_for(target.kind) || !call.body.empty()) {
        const std::string what = std::string{call.method} + " " + std::string{target.path};
        referee_.record(Violation::malformed_calls, now, target.organisation, what);
        return error_reply(call.body.empty() ? 405 : 400, "BAD_REQUEST", "Wrong method, or a body where none belongs.");
    }
    if (target.kind == TargetKind::organisation) {
        return {.content_type = "text/plain", .text = "Organisation " + std::string{target.organisation} + "\n"};
    }
    if (target.kind == TargetKind::queue) return poll(target, now);
    Job* job = world_.find(target.organisation, target.flow, target.job);
    if (job == nullptr) return unknown(target, now);
    if (target.kind == TargetKind::confirm) return confirm(*job, target, now);
    if (target.kind == TargetKind::cancel) return cancel(*job, target, now);
    return download(*job, target, now);
}

Reply PostenApi::unknown(const Target& target, const Moment& now) {
    referee_.record(Violation::unknown_urls, now, target.organisation, std::string{target.path});
    return error_reply(404, "NOT_FOUND", "There is no such resource.");
}

Reply PostenApi::poll(const Target& target, const Moment& now) {
    referee_.count(Tally::polls);
    if (fires(Fault::html_503)) return html_reply(503);
    const QueueKey key{std::string{target.organisation}, target.flow, target.queue};
    const bool filled = world_.preview(key, now) == PollOutcome::update;
    const auto time_fault = std::find_if(time_faults.begin(), time_faults.end(), [this](Fault f) { return fires(f); });
    const bool honest = time_fault == time_faults.end();
    const PollFaults deviation{.withhold_time = !honest,
                               .hidden_gate = filled && fires(Fault::hidden_gate),
                               .obscure_signer = filled && fires(Fault::unknown_signer_status)};
    const PollAnswer answer = world_.poll(key, deviation, now);

    Reply reply;
    if (answer.outcome == PollOutcome::update)
        reply = update_reply(answer);
    else
        reply.status = answer.outcome == PollOutcome::empty ? 204 : 429;
    microseconds stated = now.wall - microseconds{1000};
    const bool open_as_told = answer.outcome == PollOutcome::update;
    if (!open_as_told) stated = wall_of(answer.permitted, now, world_.rules().clock_rate);
    reply.fields += time_field(stated_time(stated, honest ? std::nullopt : std::optional{*time_fault}));
    return reply;
}

Reply PostenApi::update_reply(const PollAnswer& answer) {
    const std::int64_t job = answer.job->id;
    const XmlForm form{.root = fires(Fault::foreign_urls, job) ? foreign_root : std::string_view{root_},
                       .ns4_prefix = fires(Fault::ns4_prefix, job),
                       .extra_elements = fires(Fault::extra_elements, job),
                       .since_missing = fires(Fault::since_missing, job),
                       .unknown_status = fires(Fault::unknown_job_status, job),
                       .doctype = fires(Fault::doctype, job)};
    Reply reply{.text = write_update(*answer.job, *answer.update, form)};
    if (fires(Fault::gzip, job)) {
        reply.text = gzipped(reply.text);
        reply.fields = "Content-Encoding: gzip\r\n";
    }
    if (fires(Fault::slow_body, job)) reply.delivery = Delivery::slow;
    if (fires(Fault::cut_after_headers, job)) reply.delivery = Delivery::cut_after_headers;
    return reply;
}

}  // namespace signwatch::simulator
