#include "providers/adobe_sign/webhook_health.hpp"

#include <algorithm>

#include "providers/adobe_sign/requests.hpp"

namespace signwatch::adobe_sign {
namespace {

constexpr const char* up = "up";
constexpr const char* down = "down";

ApiCall json_call(std::string path) {
    ApiCall call;
    call.path = std::move(path);
    call.headers.push_back({"Accept", "application/json"});
    call.max_body = 8 << 20;
    return call;
}

}  // namespace

ApiCall webhook_call(const std::string& id) {
    return json_call("/webhooks/" + percent_encoded(id));
}

ApiCall webhooks_call(const std::string& cursor) {
    std::string path = "/webhooks?showInactiveWebhooks=true&pageSize=100";
    if (!cursor.empty()) path += "&cursor=" + percent_encoded(cursor);
    return json_call(std::move(path));
}

bool has_active(const std::vector<WireWebhook>& webhooks) {
    return std::ranges::any_of(webhooks, &WireWebhook::active);
}

PollResult health_result(bool works, const Watch& watch, const Settings& settings) {
    PollResult result;
    result.webhooks_work = works;
    result.wait = settings.webhooks.check_interval;
    const bool was_down = watch.bookmark == down;
    if ((!works || was_down) && settings.sweep.by != SweepBy::nothing) result.due_now.push_back(settings.sweep_watch());
    result.bookmark = works ? up : down;
    return result;
}

}  // namespace signwatch::adobe_sign
