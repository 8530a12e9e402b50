#pragma once

#include "core/ports/http.hpp"
#include "core/ports/provider.hpp"
#include "providers/posten/mapping.hpp"
#include "providers/posten/permitted_time.hpp"

/// What the provider's answers mean. Pure functions of the answer and the moment it came.
namespace signwatch::posten {

/// When an answer came, and the randomness for its jitter.
struct Arrival {
    WallTime at;  ///< civil time
    double jitter = 0;
};

/// Reads the answer to a poll. Throws the Error of error_for for anything but 2xx and 429.
PollResult read_poll(HttpResponse response,
                     const Arrival& arrival,
                     const Watch& watch,
                     const Settings& settings,
                     const Pseudonymise& pseudonymise);

/// Reads the answer to a confirmation: any 2xx is done, 404, 409 and 410 are gone.
AcknowledgeOutcome read_confirmation(const HttpResponse& response, const Arrival& arrival, const Pacing& pacing);

/// Checks the answer to a download of which `received` bytes reached the sink.
void check_download(const HttpResponse& response, std::uint64_t received, const Arrival& arrival, const Pacing& pacing);

/// Classifies an answer that is not a success (posten-arqsign 1.11): a refused organisation by its error-code whatever
/// the status.
Error error_for(const HttpResponse& response, const Arrival& arrival, const Pacing& pacing);

}  // namespace signwatch::posten
