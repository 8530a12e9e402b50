#include "tests/simulator/arqsign/hooks.hpp"

#include <algorithm>

#include "core/crypto/digest.hpp"

namespace signwatch::simulator {
namespace {

using namespace std::chrono_literals;

std::optional<ArqSignTrigger> trigger_of(ArqSignEnd end) {
    switch (end) {
        case ArqSignEnd::completed:
            return ArqSignTrigger::concluded;
        case ArqSignEnd::refused:
            return ArqSignTrigger::refused;
        case ArqSignEnd::cancelled:
            return ArqSignTrigger::cancelled;
        case ArqSignEnd::expired:
            return ArqSignTrigger::expired;
        default:
            return std::nullopt;
    }
}

}  // namespace

std::vector<ArqSignEvent> arqsign_events(const ArqSignProcess& process, microseconds now) {
    std::vector<ArqSignEvent> events;
    const auto happened = [&](ArqSignTrigger trigger, microseconds at, int signer) {
        if (at <= now) events.push_back({trigger, at, signer, process.resends});
    };
    const microseconds sent = process.created + process.spec.sent_after;
    happened(ArqSignTrigger::sent, sent, -1);
    events.insert(events.end(), process.past_events.begin(), process.past_events.end());
    for (std::size_t i = 0; i < process.people.size(); ++i) {
        const bool refuses = process.spec.end == ArqSignEnd::refused && i + 1 == process.people.size();
        const auto acted = process.acted_at(i, now);
        if (acted && !refuses) happened(ArqSignTrigger::signed_by_one, *acted, static_cast<int>(i));
    }
    if (const auto trigger = trigger_of(process.spec.end)) {
        const bool of_one = trigger == ArqSignTrigger::refused;
        happened(*trigger, process.ends, of_one ? static_cast<int>(process.people.size()) - 1 : -1);
    }
    return events;
}

std::optional<microseconds> next_arqsign_event(const ArqSignProcess& process, microseconds now) {
    std::optional<microseconds> next;
    const auto consider = [&](microseconds at) {
        if (at > now && (!next || at < *next)) next = at;
    };
    consider(process.created + process.spec.sent_after);
    for (std::size_t i = 0; i < process.people.size(); ++i) {
        if (const auto at = process.acted_at(i, microseconds::max())) consider(*at);
    }
    if (process.spec.end != ArqSignEnd::never) consider(process.ends);
    return next;
}

const std::array<microseconds, 14>& ArqSignHookBook::schedule() {
    static constexpr std::array<microseconds, 14> times{
        0min, 5min, 15min, 30min, 1h, 2h, 4h, 8h, 16h, 24h, 48h, 72h, 96h, 120h};
    return times;
}

bool ArqSignHookBook::fires(ArqSignFault fault, const ArqSignProcess& process) {
    return faults_.fires(static_cast<std::size_t>(fault), process.number);
}

std::string ArqSignHookBook::new_id(const std::string& of) {
    const std::string hash = crypto::sha256_hex(std::to_string(seed_) + "/" + of + "/" + std::to_string(++ids_));
    return hash.substr(0, 8) + "-" + hash.substr(8, 4) + "-4" + hash.substr(12, 3) + "-8" + hash.substr(15, 3) + "-" +
           hash.substr(18, 12);
}

ArqSignHook& ArqSignHookBook::add(const ArqSignHookSpec& spec, microseconds now) {
    ArqSignHook& hook = hooks_.emplace_back();
    hook.id = new_id("hook");
    hook.hmac_key = new_id("hmac");
    hook.spec = spec;
    hook.created = now;
    return hook;
}

ArqSignHook* ArqSignHookBook::find(const std::string& id) {
    const auto found = std::ranges::find(hooks_, id, &ArqSignHook::id);
    return found == hooks_.end() ? nullptr : &*found;
}

void ArqSignHookBook::tell(ArqSignProcess& process, microseconds now) {
    process.next_event = next_arqsign_event(process, now).value_or(microseconds::max());
    std::vector<ArqSignEvent> events = arqsign_events(process, now);
    const bool fails = process.told.empty() && !events.empty() && fires(ArqSignFault::hook_send_failure, process);
    if (fails) events.push_back({ArqSignTrigger::failed, events.front().at, 0, 0});
    for (const ArqSignEvent& event : events) {
        const auto key = std::tuple(static_cast<int>(event.trigger), event.signer, event.round);
        // A signature is told once, however often the process is sent again.
        const bool once = event.trigger == ArqSignTrigger::signed_by_one || event.trigger == ArqSignTrigger::sent;
        if (!process.told.insert(once ? std::tuple(std::get<0>(key), event.signer, 0) : key).second) continue;
        for (ArqSignHook& hook : hooks_) {
            const int trigger = static_cast<int>(event.trigger);
            if (event.at < hook.created || !hook.spec.triggers.contains(trigger)) continue;
            const bool dead = hook.status != ArqSignHook::Status::active || hook.dead_triggers.contains(trigger);
            if (dead)
                referee_.count("hooks_lost_while_inactive");
            else
                queue(hook, process, event, now);
        }
    }
}

void ArqSignHookBook::queue(ArqSignHook& hook, ArqSignProcess& process, const ArqSignEvent& event, microseconds now) {
    referee_.count("hooks_queued");
    ArqSignDelivery delivery;
    delivery.number = static_cast<std::int64_t>(hook.deliveries.size()) + 1;
    delivery.process = &process;
    delivery.event = event;
    delivery.next_attempt = now;
    const bool twice = fires(ArqSignFault::hook_duplicate, process);
    if (fires(ArqSignFault::hook_lost, process)) {
        referee_.count("hooks_dropped");
        delivery.state = ArqSignDelivery::State::lost;
        hook.deliveries.push_back(delivery);
        return;
    }
    hook.pending.push_back(&hook.deliveries.emplace_back(delivery));
    // What comes after it overtakes it.
    if (fires(ArqSignFault::hook_reorder, process)) hook.pending.back()->next_attempt = now + schedule()[1];
    if (!twice) return;
    delivery.repeat = true;
    ++delivery.number;
    hook.pending.push_back(&hook.deliveries.emplace_back(delivery));
}

ArqSignDelivery* ArqSignHookBook::due(ArqSignHook& hook, microseconds now) {
    if (hook.status != ArqSignHook::Status::active) return nullptr;
    ArqSignDelivery* first = nullptr;
    for (ArqSignDelivery* const one : hook.pending) {
        if (one->under_way || one->next_attempt > now) continue;
        if (hook.dead_triggers.contains(static_cast<int>(one->event.trigger))) continue;
        if (first == nullptr || one->next_attempt < first->next_attempt) first = one;
    }
    return first;
}

std::optional<microseconds> ArqSignHookBook::next_due(const ArqSignHook& hook) const {
    std::optional<microseconds> next;
    if (hook.status != ArqSignHook::Status::active) return next;
    for (const ArqSignDelivery* const one : hook.pending) {
        if (one->under_way || hook.dead_triggers.contains(static_cast<int>(one->event.trigger))) continue;
        if (!next || one->next_attempt < *next) next = one->next_attempt;
    }
    return next;
}

void ArqSignHookBook::forget(ArqSignHook& hook, ArqSignDelivery& delivery, ArqSignDelivery::State state) {
    delivery.state = state;
    std::erase(hook.pending, &delivery);
}

void ArqSignHookBook::settle(ArqSignHook& hook, ArqSignDelivery& delivery, unsigned status, microseconds now) {
    delivery.under_way = false;
    delivery.last_status = status;
    if (++delivery.attempts == 1) delivery.first_attempt = now;
    const bool good = status == 200 || (status == 0 && !hook.spec.wait_for_answer);
    if (good) {
        referee_.count(delivery.repeat ? "hook_repeats_acknowledged" : "hooks_acknowledged");
        forget(hook, delivery, ArqSignDelivery::State::acknowledged);
        return;
    }
    referee_.count(status == 0 ? "hooks_unanswered" : "hooks_refused");
    const bool last = delivery.attempts >= static_cast<int>(schedule().size());
    if (!last) delivery.next_attempt = delivery.first_attempt + schedule()[static_cast<std::size_t>(delivery.attempts)];
    if (status == 401 || status == 403 || status == 404) {
        referee_.count("hooks_disabled");
        hook.status = ArqSignHook::Status::failed;
    } else if (last) {
        referee_.count("triggers_disabled");
        referee_.count("hooks_dropped");
        hook.dead_triggers.insert(static_cast<int>(delivery.event.trigger));
    }
    if (last) forget(hook, delivery, ArqSignDelivery::State::lost);
}

void ArqSignHookBook::set_active(ArqSignHook& hook, bool active, microseconds now) {
    hook.status = active ? ArqSignHook::Status::active : ArqSignHook::Status::inactive;
    if (!active) return;
    hook.dead_triggers.clear();
    for (ArqSignDelivery* const one : hook.pending) {
        if (one->attempts > 0) one->next_attempt = now;
    }
}

}  // namespace signwatch::simulator
