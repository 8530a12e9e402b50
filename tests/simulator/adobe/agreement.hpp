#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulator/virtual_clock.hpp"

namespace signwatch::simulator::adobe {

/// How an agreement ends: the first five are completed by their participants, `running` never ends.
enum class Ending {
    signed_by_all,
    approved,
    accepted,
    delivered,
    form_filled,
    rejected,
    recalled,
    kba_attempts,
    password_attempts,
    phone_attempts,
    expired,
    expired_automatically,
    conversion_failed,
    running,
};

std::string_view name_of(Ending ending);
std::optional<Ending> ending_named(std::string_view name);
bool is_completed(Ending ending);

/// Moments of virtual time that never come.
inline constexpr microseconds never = microseconds{INT64_MAX / 4};

/// What will become of an agreement, in virtual time. Participants act one after the other.
struct AgreementPlan {
    Ending ending = Ending::signed_by_all;
    microseconds created{};
    microseconds processed{};        ///< until then the documents are being converted
    std::vector<microseconds> acts;  ///< when each participant completes its part; `never`: it does not
    microseconds ends = never;
};

/// What a plan is made of: times are durations.
struct AgreementSpec {
    Ending ending = Ending::signed_by_all;
    int participants = 1;
    microseconds processed_after{};
    microseconds first_action_after{};  ///< after it was processed
    microseconds step{};                ///< between two participants
};

/// Throws std::invalid_argument.
AgreementPlan plan_of(const AgreementSpec& spec, microseconds now);

/// The participant whose turn it is acts now; with the last one the agreement is completed. Throws
/// std::invalid_argument if nobody is waited for.
void act(AgreementPlan& plan, microseconds now);

/// Another end, so long from now; what has happened stays. Throws std::invalid_argument if it has ended.
void end_otherwise(AgreementPlan& plan, Ending ending, microseconds after, microseconds now);

/// One line of the agreement's history (adobe 1.3 #4).
struct AgreementEvent {
    std::string_view type;         ///< of GET .../events
    std::string_view hook;         ///< the webhook event; empty: there is none
    std::string_view sub_event{};  ///< of the webhook event
    microseconds at{};
    int participant = -1;  ///< whom it concerns, from 0; -1: the sender
    bool by_sender = false;
    std::string_view comment{};
    int version = 1;
};

/// What Adobe would tell about an agreement at one moment.
struct AgreementState {
    std::string_view status;                     ///< "OUT_FOR_SIGNATURE"
    std::vector<std::string_view> participants;  ///< "WAITING_FOR_MY_SIGNATURE"
    std::vector<AgreementEvent> events;          ///< oldest first
    bool ended = false;
    int signatures = 0;

    microseconds last_change() const { return events.back().at; }
};

/// `now` must not be before the creation.
AgreementState state_at(const AgreementPlan& plan, microseconds now);

/// The next moment after `now` at which something happens; `never` if nothing does.
microseconds next_change(const AgreementPlan& plan, microseconds now);

/// The role of the participants: "SIGNER", "APPROVER".
std::string_view role_of(Ending ending);

}  // namespace signwatch::simulator::adobe
