#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/registration.hpp"
#include "core/registry/registrar.hpp"
#include "daemon/listener/exchange.hpp"

namespace signwatch::admin {

/// What a body of POST /v1/processes asks for.
struct Registrations {
    struct Item {
        Registration registration;
        std::string mistake;  ///< not empty: it is no registration
    };
    std::optional<listener::Answer> refusal;  ///< the body as a whole cannot be taken
    bool many = false;                        ///< a list, answered with a list
    std::vector<Item> items;
};

/// Reads one registration or a list of at most 1000. Pure; a body of 2 MiB takes milliseconds, so not on the event
/// loop.
Registrations read_registrations(std::string_view body);

/// One reply for each item that is a registration, in order.
listener::Answer answer_to_registrations(const Registrations& asked, const std::vector<registry::Reply>& replies);

}  // namespace signwatch::admin
