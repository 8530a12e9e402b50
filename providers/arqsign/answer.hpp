#pragma once

#include "core/ports/http.hpp"
#include "core/ports/provider.hpp"
#include "providers/arqsign/body_filter.hpp"
#include "providers/arqsign/config.hpp"

/// What the provider's answers mean (posten-arqsign 2.4, 2.9, 2.10). Pure functions of the answer and the moment it
/// came (civil time).
namespace signwatch::arqsign {

/// Reads the answer to a look at one process. Throws the Error of error_for for anything but 2xx, too many calls, and
/// the news that the process was deleted.
PollResult read_poll(HttpResponse response, WallTime now, const Watch& watch, const Settings& settings);

/// Reads the answer with the whole process, whose body went through `body`.
StatusUpdate read_process(const HttpResponse& response,
                          const BodyFilter& body,
                          WallTime now,
                          StatusUpdate update,
                          const Settings& settings,
                          const Pseudonymise& pseudonymise);

/// Checks the answer to the download of a link, of which `received` bytes reached the sink.
void check_download(const HttpResponse& response, std::uint64_t received, WallTime now);

/// Classifies an answer that is not a success.
Error error_for(const HttpResponse& response, WallTime now);

}  // namespace signwatch::arqsign
