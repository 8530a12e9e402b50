#include "providers/arqsign/notification.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/domain/error.hpp"
#include "core/json/folding.hpp"
#include "core/json/value.hpp"
#include "providers/arqsign/config.hpp"
#include "providers/arqsign/words.hpp"

namespace signwatch::arqsign {
namespace {

struct Known {
    std::array<std::string_view, 2> parts;  ///< that the event's name contains, folded
    Trigger trigger;
};

// The first that fits. Only "ProcessoConcluido" is attested; the others are the words of the triggers' names.
constexpr auto known_events = std::to_array<Known>({
    {{"falha", ""}, Trigger::not_sent},
    {{"reenviad", ""}, Trigger::sent_again},
    {{"conclu", ""}, Trigger::concluded},
    {{"assinad", "todos"}, Trigger::concluded},
    {{"assinad", ""}, Trigger::signed_by_one},
    {{"recusad", ""}, Trigger::refused},
    {{"cancelad", ""}, Trigger::cancelled},
    {{"expirad", ""}, Trigger::expired},
    {{"enviad", ""}, Trigger::sent},
});

std::string id_in(const json::Value& value) {
    return json::fold_key(value.text_or_empty());
}

}  // namespace

Trigger trigger_of(std::int64_t number, std::string_view event) {
    if (number >= 1 && number <= 8) return static_cast<Trigger>(number);
    const std::string words = folded(event);
    const auto fits = [&](const Known& one) {
        return std::ranges::all_of(one.parts, [&](auto part) { return words.find(part) != std::string::npos; });
    };
    const auto* const found = std::ranges::find_if(known_events, fits);
    return found == known_events.end() ? Trigger::unknown : found->trigger;
}

bool ends(Trigger trigger) {
    return trigger == Trigger::refused || trigger == Trigger::cancelled || trigger == Trigger::expired ||
           trigger == Trigger::concluded;
}

WireNotification parse_notification(std::string_view body, std::size_t max_body) {
    json::Limits limits;
    limits.bytes = max_body;
    const json::Value value = json::parse(body, limits);
    WireNotification notification;
    notification.process_id = id_in(value["idprocesso"]);
    if (!is_process_id(notification.process_id))
        throw Error(ErrorKind::integrity, "arqsign_shape", "a webhook that names no process");
    notification.webhook_id = id_in(value["idwebhook"]);
    notification.account_id = id_in(value["idconta"]);
    notification.trigger = trigger_of(value["idevento"].integer().value_or(0), value["evento"].text_or_empty());
    return notification;
}

}  // namespace signwatch::arqsign
