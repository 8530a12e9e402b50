#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/domain/registration.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/provider_factory.hpp"
#include "core/ports/state_store.hpp"

namespace signwatch::registry {

/// What became of one registration.
struct Reply {
    bool accepted = false;
    Registered outcome = Registered::added;
    std::string mistake;  ///< why it was refused, as one sentence without personal data
};

/// Finds the settings of an account that is configured now; null if there is none of that name.
using FindAccount = std::function<const AccountSettings*(const std::string& account)>;

/// The one way in for processes, whoever brings them (command line, HTTP, Redis): the same rules, the same answers.
/// Event-loop thread; what it is given outlives it.
class Registrar {
public:
    Registrar(Clock& clock, StateStore& store, FindAccount find_account);

    /// One reply for each, in order. Those accepted are durable when it returns, in one transaction.
    Task<std::vector<Reply>> add(std::vector<Registration> registrations);

    /// Error(permanent, "account_unknown") if no such account is configured.
    Task<OrderOutcome> order(std::string account, std::string process_id, ProcessOrder order);

private:
    std::optional<WallTime> first_look(const Registration& registration, const AccountSettings& account) const;

    Clock& clock_;
    StateStore& store_;
    FindAccount find_account_;
};

}  // namespace signwatch::registry
