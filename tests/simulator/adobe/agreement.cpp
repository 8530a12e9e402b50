#include "tests/simulator/adobe/agreement.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace signwatch::simulator::adobe {
namespace {

/// How an ending is told.
struct Words {
    std::string_view name;
    std::string_view status;       ///< of the agreement that has ended so
    std::string_view participant;  ///< of whom it was waiting for
    AgreementEvent event;
};

constexpr std::string_view completed_hook = "AGREEMENT_WORKFLOW_COMPLETED";

constexpr std::array<Words, 14> words{{
    {"signed", "SIGNED", "COMPLETED", {"ACTION_COMPLETED", completed_hook}},
    {"approved", "APPROVED", "COMPLETED", {"ACTION_COMPLETED", completed_hook}},
    {"accepted", "ACCEPTED", "COMPLETED", {"ACTION_COMPLETED", completed_hook}},
    {"delivered", "DELIVERED", "COMPLETED", {"ACTION_COMPLETED", completed_hook}},
    {"form_filled", "FORM_FILLED", "COMPLETED", {"ACTION_COMPLETED", completed_hook}},
    {"rejected", "CANCELLED", "CANCELLED", {"REJECTED", "AGREEMENT_REJECTED"}},
    {"recalled", "CANCELLED", "CANCELLED", {"RECALLED", "AGREEMENT_RECALLED", "RECALLED"}},
    {"kba_attempts",
     "CANCELLED",
     "CANCELLED",
     {"RECALLED_MAX_SIGNING_KBA_ATTEMPTS", "AGREEMENT_RECALLED", "MAX_SIGNING_KBA_ATTEMPTS_EXCEEDED"}},
    {"password_attempts",
     "CANCELLED",
     "CANCELLED",
     {"RECALLED_MAX_SIGNING_PASSWORD_ATTEMPTS", "AGREEMENT_RECALLED", "MAX_SIGNING_PASSWORD_ATTEMPTS_EXCEEDED"}},
    {"phone_attempts",
     "CANCELLED",
     "CANCELLED",
     {"RECALLED_MAX_SIGNING_PHONE_ATTEMPTS", "AGREEMENT_RECALLED", "MAX_SIGNING_PHONE_ATTEMPTS_EXCEEDED"}},
    {"expired", "EXPIRED", "EXPIRED", {"EXPIRED", "AGREEMENT_EXPIRED", "EXPIRED"}},
    {"expired_automatically",
     "EXPIRED",
     "EXPIRED",
     {"EXPIRED_AUTOMATICALLY", "AGREEMENT_EXPIRED", "EXPIRED_AUTOMATICALLY"}},
    {"conversion_failed",
     "CANCELLED",
     "CANCELLED",
     {"AUTO_CANCELLED_CONVERSION_PROBLEM", "AGREEMENT_AUTO_CANCELLED_CONVERSION_PROBLEM"}},
    {"running", "OUT_FOR_SIGNATURE", "WAITING_FOR_MY_SIGNATURE", {}},
}};

const Words& words_of(Ending ending) {
    return words.at(static_cast<std::size_t>(ending));
}

std::string_view waiting_status(Ending ending) {
    switch (ending) {
        case Ending::approved:
            return "OUT_FOR_APPROVAL";
        case Ending::accepted:
            return "OUT_FOR_ACCEPTANCE";
        case Ending::delivered:
            return "OUT_FOR_DELIVERY";
        case Ending::form_filled:
            return "OUT_FOR_FORM_FILLING";
        default:
            return "OUT_FOR_SIGNATURE";
    }
}

std::string_view waiting_participant(Ending ending) {
    switch (ending) {
        case Ending::approved:
            return "WAITING_FOR_MY_APPROVAL";
        case Ending::accepted:
            return "WAITING_FOR_MY_ACCEPTANCE";
        case Ending::delivered:
            return "WAITING_FOR_MY_ACKNOWLEDGEMENT";
        case Ending::form_filled:
            return "WAITING_FOR_MY_FORM_FILLING";
        default:
            return "WAITING_FOR_MY_SIGNATURE";
    }
}

std::string_view comment_of(Ending ending) {
    if (ending == Ending::rejected) return "The rate is wrong";
    return ending == Ending::recalled ? "The customer has changed his mind" : "";
}

// Everything that the plan holds, in order; the caller leaves out what has not happened.
std::vector<AgreementEvent> history(const AgreementPlan& plan) {
    std::vector<AgreementEvent> events;
    events.push_back({.type = "CREATED", .hook = "AGREEMENT_CREATED", .at = plan.created, .by_sender = true});
    microseconds turn = plan.processed;
    int version = 1;
    const bool converted = plan.ending != Ending::conversion_failed;
    const int count = static_cast<int>(plan.acts.size());
    for (int i = 0; i < count && converted && turn < never; ++i) {
        const microseconds acts = plan.acts[static_cast<std::size_t>(i)];
        events.push_back({.type = "ACTION_REQUESTED",
                          .hook = "AGREEMENT_ACTION_REQUESTED",
                          .at = turn,
                          .participant = i,
                          .by_sender = true,
                          .version = version});
        if (acts < never) {
            events.push_back({.type = "ACTION_COMPLETED",
                              .hook = "AGREEMENT_ACTION_COMPLETED",
                              .at = acts,
                              .participant = i,
                              .version = ++version});
        }
        turn = acts;
    }
    if (plan.ends >= never) return events;
    AgreementEvent last = words_of(plan.ending).event;
    last.at = plan.ends;
    last.version = version;
    last.participant = static_cast<int>(
        std::count_if(plan.acts.begin(), plan.acts.end(), [](microseconds acts) { return acts < never; }));
    last.participant = std::min(last.participant, count - 1);
    last.by_sender = plan.ending == Ending::recalled || plan.ending == Ending::conversion_failed;
    last.comment = comment_of(plan.ending);
    // The history of the completed ones ends with the last act; only webhooks tell of the completion.
    if (is_completed(plan.ending)) last.type = "";
    events.push_back(last);
    return events;
}

}  // namespace

std::string_view name_of(Ending ending) {
    return words_of(ending).name;
}

std::optional<Ending> ending_named(std::string_view name) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i].name == name) return static_cast<Ending>(i);
    }
    return std::nullopt;
}

bool is_completed(Ending ending) {
    return ending <= Ending::form_filled;
}

std::string_view role_of(Ending ending) {
    switch (ending) {
        case Ending::approved:
            return "APPROVER";
        case Ending::accepted:
            return "ACCEPTOR";
        case Ending::delivered:
            return "CERTIFIED_RECIPIENT";
        case Ending::form_filled:
            return "FORM_FILLER";
        default:
            return "SIGNER";
    }
}

AgreementPlan plan_of(const AgreementSpec& spec, microseconds now) {
    if (spec.participants < 1 || spec.participants > 20) throw std::invalid_argument("participants is 1 to 20");
    AgreementPlan plan{spec.ending, now, now + spec.processed_after, {}, never};
    microseconds turn = plan.processed + spec.first_action_after;
    for (int i = 0; i < spec.participants; ++i, turn += spec.step)
        plan.acts.push_back(turn);
    if (spec.ending == Ending::conversion_failed) {
        plan.acts.assign(plan.acts.size(), never);
        plan.ends = plan.processed;
    } else {
        if (spec.ending != Ending::running) plan.ends = plan.acts.back();
        if (!is_completed(spec.ending)) plan.acts.back() = never;
    }
    return plan;
}

void act(AgreementPlan& plan, microseconds now) {
    const auto turn = std::ranges::find_if(plan.acts, [&](microseconds acts) { return acts > now; });
    if (now < plan.processed || now >= plan.ends || turn == plan.acts.end())
        throw std::invalid_argument("nobody is waited for");
    *turn = now;
    if (turn + 1 != plan.acts.end()) return;
    if (!is_completed(plan.ending)) plan.ending = Ending::signed_by_all;
    plan.ends = now;
}

void end_otherwise(AgreementPlan& plan, Ending ending, microseconds after, microseconds now) {
    if (now >= plan.ends) throw std::invalid_argument("the agreement has ended");
    const bool completes = is_completed(ending);
    plan.ending = ending;
    plan.ends = ending == Ending::running ? never : now + after;
    plan.processed = std::min(plan.processed, plan.ends);
    for (microseconds& acts : plan.acts) {
        if (acts > now) acts = completes ? plan.ends : never;
    }
}

AgreementState state_at(const AgreementPlan& plan, microseconds now) {
    AgreementState state;
    state.events = history(plan);
    std::erase_if(state.events, [&](const AgreementEvent& event) { return event.at > now; });
    state.ended = now >= plan.ends;
    const bool processed = now >= plan.processed;
    state.status = processed ? waiting_status(plan.ending) : "DOCUMENTS_NOT_YET_PROCESSED";
    if (state.ended) state.status = words_of(plan.ending).status;
    bool turn = processed;
    for (const microseconds acts : plan.acts) {
        const bool acted = acts <= now;
        if (acted) ++state.signatures;
        std::string_view status = "NOT_YET_VISIBLE";
        if (acted)
            status = "COMPLETED";
        else if (turn)
            status = state.ended ? words_of(plan.ending).participant : waiting_participant(plan.ending);
        state.participants.push_back(status);
        turn = turn && acted;
    }
    return state;
}

microseconds next_change(const AgreementPlan& plan, microseconds now) {
    microseconds next = never;
    const auto consider = [&](microseconds time) {
        if (time > now) next = std::min(next, time);
    };
    consider(plan.created);
    consider(plan.processed);
    consider(plan.ends);
    for (const microseconds acts : plan.acts)
        consider(acts);
    return next;
}

}  // namespace signwatch::simulator::adobe
