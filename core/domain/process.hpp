#pragma once

#include <optional>
#include <string>

#include "core/domain/time.hpp"

namespace signwatch {

enum class ProviderKind { posten, arqsign, signhub, adobe_sign };

/// The canonical state of a signing process; every provider's words are mapped to it, the raw word is kept beside it.
enum class ProcessState { created, in_progress, completed, rejected, cancelled, expired, failed, unknown };

constexpr bool is_terminal(ProcessState state) {
    return state != ProcessState::created && state != ProcessState::in_progress && state != ProcessState::unknown;
}

enum class ParticipantState { waiting, completed, rejected, cancelled, expired, failed, superseded, unknown };

/// One signer, without personal data: `ref` is a keyed hash of the signer's identity, stable within one installation.
struct Participant {
    std::string ref;
    int order = 0;  ///< position in the provider's answer, from 1
    ParticipantState state = ParticipantState::unknown;
    std::string provider_status;  ///< the provider's word, cleaned and at most 64 characters
    std::optional<WallTime> acted_at;
};

/// Why a process ended otherwise than by completion. `code` is one of the event contract's words
/// (declined-by-participant, cancelled-by-sender, authentication-attempts-exceeded, deadline-passed,
/// document-processing-failed, unspecified ...).
struct Reason {
    std::string code;
    std::string participant_ref;  ///< empty: no single signer
};

}  // namespace signwatch
