#pragma once

#include <optional>
#include <string>

#include "tests/simulator/adobe/json.hpp"

namespace signwatch::simulator::adobe {

/// Where lists come from: a replica that is behind the primary store (adobe 1.3, #1).
struct Replica {
    const AdobeWorld& world;
    microseconds as_of{};  ///< virtual: what happened later is not in it
    BodyForm form{};
    std::size_t page_limit = 500;
};

/// The body of GET /agreements; nullopt: the cursor is none. `blank`: the last page has a cursor of blanks.
std::optional<ordered_json> list_page(const Replica& replica,
                                      const std::string& cursor,
                                      std::size_t page_size,
                                      const std::string& external_id,
                                      bool blank);

/// The body of POST /search. Throws std::invalid_argument or a JSON exception for a request that is none.
/// `bare`: the last page has no nextIndex instead of null.
ordered_json search_page(const Replica& replica, const nlohmann::json& request, bool bare);

}  // namespace signwatch::simulator::adobe
