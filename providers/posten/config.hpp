#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/ports/provider_factory.hpp"
#include "providers/posten/permitted_time.hpp"

namespace signwatch::posten {

enum class Environment { production, difitest, custom };
enum class Flow { portal, direct };

std::string name_of(Flow flow);

/// One polling queue of one flow; an empty queue name is the default queue (posten-arqsign 1.3).
struct Queue {
    Flow flow = Flow::portal;
    std::string name;

    /// The watch target: "portal", "portal/loans".
    std::string target() const;
};

/// When the PAdES of a job is fetched: at completion, at any end, whenever it is offered, never.
enum class PadesPolicy { completed, at_end, always, never };

/// Which XAdES are fetched: those of every signer that has signed, the same but only at completion, none.
enum class XadesPolicy { signers, completed, never };

struct DocumentPolicy {
    PadesPolicy pades = PadesPolicy::completed;
    XadesPolicy xades = XadesPolicy::signers;
};

/// One Posten account as configured; README.md has the keys.
struct Settings final : AccountSettings {
    Environment environment = Environment::production;
    std::string root_url;  ///< without a trailing slash
    std::string organisation;
    HttpIdentity tls;
    std::vector<Queue> queues;
    DocumentPolicy documents;
    bool hold_unknown_jobs = false;
    Pacing pacing;
    std::uint64_t max_document_size = 0;
    AccountTerms account_terms;

    const AccountTerms& terms() const override { return account_terms; }
    std::vector<WatchKey> standing_watches() const override;
    std::string mistake_in(const std::string& process_id) const override;
    HttpIdentity identity() const override { return tls; }

    /// Where a queue is polled.
    std::string poll_url(const Queue& queue) const;
};

/// Reads one [[account]] table; mistakes go to the section. Opens no file and no socket.
Settings read_settings(config::Section& account);

}  // namespace signwatch::posten
