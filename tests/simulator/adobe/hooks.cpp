#include "tests/simulator/adobe/hooks.hpp"

#include <algorithm>

#include "core/crypto/digest.hpp"

namespace signwatch::simulator::adobe {

bool HookBook::fires(AdobeFault fault, const Agreement& agreement) {
    if (!faults_.fires(static_cast<std::size_t>(fault), agreement.number)) return false;
    referee_.count("faults");
    return true;
}

std::string HookBook::new_id() {
    const std::string hash = crypto::sha256_hex(std::to_string(seed_) + "/hook/" + std::to_string(++ids_));
    return hash.substr(0, 8) + "-" + hash.substr(8, 4) + "-4" + hash.substr(12, 3) + "-8" + hash.substr(15, 3) + "-" +
           hash.substr(18, 12);
}

Webhook& HookBook::add(const HookSpec& spec, microseconds now) {
    Webhook& webhook = webhooks_.emplace_back();
    webhook.id = new_id();
    webhook.spec = spec;
    webhook.created = now;
    webhook.modified = now;
    return webhook;
}

Webhook* HookBook::find(const std::string& id) {
    const auto found = std::ranges::find_if(
        webhooks_, [&](const Webhook& webhook) { return webhook.id == id && !webhook.spec.events.empty(); });
    return found == webhooks_.end() ? nullptr : &*found;
}

bool HookBook::remove(const std::string& id) {
    Webhook* const webhook = find(id);
    if (webhook == nullptr) return false;
    set_active(*webhook, false, webhook->modified);
    webhook->spec.events.clear();
    return true;
}

void HookBook::tell(Agreement& agreement, microseconds now) {
    if (agreement.plan.created > now) return;
    const AgreementState state = state_at(agreement.plan, now);
    for (; agreement.hooks_told < state.events.size(); ++agreement.hooks_told) {
        const AgreementEvent& event = state.events[agreement.hooks_told];
        for (Webhook& webhook : webhooks_) {
            const auto& events = webhook.spec.events;
            const bool ours = webhook.spec.agreement.empty() || webhook.spec.agreement == agreement.id;
            const bool wanted = events.contains("AGREEMENT_ALL") || events.contains(std::string(event.hook));
            if (ours && wanted && event.at >= webhook.created) queue(webhook, agreement, event, now);
        }
    }
}

void HookBook::queue(Webhook& webhook, Agreement& agreement, const AgreementEvent& event, microseconds now) {
    Notification notification{.id = new_id(), .hook = webhook.id, .agreement = &agreement, .event = event};
    notification.queued = now;
    Notification& kept = notifications_.emplace_back(std::move(notification));
    if (!webhook.active) {
        referee_.count("hooks_lost_while_inactive");
        kept.state = Notification::State::lost;
        ++webhook.lost;
        return;
    }
    referee_.count("hooks_queued");
    if (fires(AdobeFault::hook_lost, agreement)) {
        lose(webhook, kept);
        return;
    }
    const bool twice = fires(AdobeFault::hook_duplicate, agreement);
    const bool earlier = fires(AdobeFault::hook_reorder, agreement);
    // What has been tried already stays in front.
    const bool movable = !webhook.train.empty() && webhook.train.back()->attempts == 0;
    webhook.train.insert(earlier && movable ? webhook.train.end() - 1 : webhook.train.end(), &kept);
    if (!twice) return;
    Notification repeat = kept;
    repeat.repeat = true;
    webhook.train.push_back(&notifications_.emplace_back(std::move(repeat)));
}

void HookBook::lose(Webhook& webhook, Notification& notification) {
    referee_.count("hooks_dropped");
    notification.state = Notification::State::lost;
    ++webhook.lost;
}

Notification* HookBook::due(Webhook& webhook, microseconds now) {
    return next_due(webhook) <= now ? webhook.train.front() : nullptr;
}

microseconds HookBook::next_due(const Webhook& webhook) const {
    return !webhook.active || webhook.train.empty() ? never : webhook.train.front()->next_attempt;
}

void HookBook::succeeded(Webhook& webhook, microseconds now) {
    webhook.last_success = now;
    if (webhook.train.empty()) return;
    Notification& done = *webhook.train.front();
    webhook.train.pop_front();
    ++done.attempts;
    done.state = Notification::State::acknowledged;
    done.acknowledged = now;
    referee_.count(done.repeat ? "hook_repeats_acknowledged" : "hooks_acknowledged");
    if (!done.repeat) ++webhook.acknowledged;
}

void HookBook::failed(Webhook& webhook, unsigned status, microseconds now) {
    referee_.count(status == 0 ? "hooks_unanswered" : "hooks_refused");
    if (webhook.train.empty()) return;
    Notification& first = *webhook.train.front();
    first.last_status = status;
    if (++first.attempts == 1) first.first_attempt = now;
    microseconds wait = rules_.first;
    for (int i = 1; i < first.attempts && wait < rules_.cap; ++i)
        wait *= rules_.factor;
    first.next_attempt = now + std::min(wait, rules_.cap);
    if (fires(AdobeFault::hook_new_id, *first.agreement)) first.id = new_id();
    const bool silent = !webhook.last_success || now - *webhook.last_success >= rules_.disable_after;
    if (silent && now - first.queued >= rules_.horizon) {
        referee_.count("hooks_disabled");
        set_active(webhook, false, now);
    } else if (first.next_attempt - first.first_attempt > rules_.horizon) {
        lose(webhook, first);
        webhook.train.pop_front();
    }
}

void HookBook::set_active(Webhook& webhook, bool active, microseconds now) {
    if (webhook.active == active) return;
    webhook.active = active;
    webhook.modified = now;
    for (Notification* const notification : webhook.train)
        lose(webhook, *notification);
    webhook.train.clear();
}

bool HookBook::replay(Webhook& webhook, int times, microseconds now) {
    const auto newest = std::find_if(notifications_.rbegin(), notifications_.rend(), [&](const Notification& one) {
        return one.hook == webhook.id && one.state == Notification::State::acknowledged;
    });
    if (newest == notifications_.rend()) return false;
    Notification repeat = *newest;
    repeat.repeat = true;
    repeat.state = Notification::State::queued;
    repeat.next_attempt = now;
    for (int i = 0; i < times; ++i)
        webhook.train.push_back(&notifications_.emplace_back(repeat));
    return true;
}

}  // namespace signwatch::simulator::adobe
