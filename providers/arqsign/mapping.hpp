#pragma once

#include <string>
#include <vector>

#include "core/ports/provider_factory.hpp"
#include "providers/arqsign/body_filter.hpp"
#include "providers/arqsign/wire.hpp"

/// What ArqSign's words mean in ours (posten-arqsign 2.4, 2.5). Pure functions.
namespace signwatch::arqsign {

/// Whose look it was.
struct Origin {
    std::string account;
    WatchId watch = 0;
    std::string process_id;
};

/// Everything but `raw`. An end is `incomplete`: documents and signers come with the whole process. Expired is a state
/// that can pass: the process lives on when it is sent again. `now`: civil time.
StatusUpdate to_update(const WireStatus& status, const Origin& origin, WallTime now);

/// What stands for a process that a webhook says has ended, until the whole process tells (2.12): a call less than a
/// look first. The same for as long as that has not told.
StatusUpdate presumed_end(const Watch& watch);
bool is_presumed(const std::string& fingerprint);

/// The update of a process that was deleted at the provider.
StatusUpdate deleted_update(const Origin& origin);

/// Fills in what the whole process says; `received` are the documents that came with it. Throws Error(transient,
/// "arqsign_status_disagrees") if the process is not in the state that the update says, and Error(integrity,
/// "arqsign_document_missing") if a concluded process lacks a document.
StatusUpdate completed(StatusUpdate update,
                       const WireProcess& process,
                       const std::vector<ReceivedDocument>& received,
                       const Pseudonymise& pseudonymise);

}  // namespace signwatch::arqsign
