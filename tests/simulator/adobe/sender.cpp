#include "tests/simulator/adobe/sender.hpp"

#include <algorithm>
#include <array>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/crypto/encoding.hpp"

namespace signwatch::simulator::adobe {
namespace {

namespace asio = boost::asio;
using boost::asio::use_awaitable;

constexpr microseconds longest_sleep = 1s;
constexpr microseconds shortest_sleep = 1ms;
constexpr microseconds between_looks = 10ms;  ///< at agreements, at least
constexpr std::size_t huge = 9'990'000;

/// What somebody else might send to the same address.
constexpr std::array forgeries{
    AdobeFault::hook_no_client_id, AdobeFault::hook_wrong_client_id, AdobeFault::hook_not_json};

std::string echoed_in(const std::string& body) {
    const auto json = nlohmann::json::parse(body, nullptr, false);
    if (!json.is_object()) return "";
    const auto found = json.find("xAdobeSignClientId");
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

AdobeSender::AdobeSender(Parts parts)
    : parts_(std::move(parts)), tls_(hook_tls(parts_.tls)), agreements_timer_(parts_.loop) {}

void AdobeSender::start() {
    asio::co_spawn(parts_.loop, watch_agreements(), asio::detached);
}

void AdobeSender::wake() {
    agreements_timer_.cancel();
    for (auto& [id, timer] : timers_)
        timer.cancel();
}

bool AdobeSender::fires(AdobeFault fault, const Agreement& agreement) {
    if (!parts_.faults.fires(static_cast<std::size_t>(fault), agreement.number)) return false;
    parts_.referee.count("faults");
    return true;
}

microseconds AdobeSender::real_wait(microseconds until) const {
    if (until >= never) return longest_sleep;
    const auto left = static_cast<double>((until - parts_.clock.now().virtual_time).count());
    const microseconds wait{static_cast<std::int64_t>(left / parts_.options.clock_rate)};
    return std::clamp(wait, shortest_sleep, longest_sleep);
}

asio::steady_timer& AdobeSender::timer_of(const Webhook& webhook) {
    return timers_.try_emplace(webhook.id, parts_.loop).first->second;
}

// Everything that was planned for a moment that has come is told to the webhooks.
Task<void> AdobeSender::watch_agreements() {
    for (;;) {
        const microseconds now = parts_.clock.now().virtual_time;
        microseconds next = never;
        for (Agreement& agreement : parts_.world.agreements()) {
            if (now >= agreement.hooks_next) {
                parts_.book.tell(agreement, now);
                agreement.hooks_next = next_change(agreement.plan, now);
            }
            next = std::min(next, agreement.hooks_next);
        }
        for (auto& [id, timer] : timers_)
            timer.cancel();
        agreements_timer_.expires_after(std::max(real_wait(next), between_looks));
        boost::system::error_code woken;
        co_await agreements_timer_.async_wait(asio::redirect_error(use_awaitable, woken));
    }
}

void AdobeSender::serve(Webhook& webhook) {
    asio::co_spawn(parts_.loop, run_train(webhook), asio::detached);
}

Task<void> AdobeSender::run_train(Webhook& webhook) {
    const auto url = read_hook_url(webhook.spec.url);
    if (!url) co_return;
    HookClient client(parts_.loop, tls_, *url);
    asio::steady_timer& timer = timer_of(webhook);
    for (;;) {
        if (parts_.book.due(webhook, parts_.clock.now().virtual_time) != nullptr) {
            co_await deliver(webhook, client);
            continue;
        }
        timer.expires_after(real_wait(parts_.book.next_due(webhook)));
        boost::system::error_code woken;
        co_await timer.async_wait(asio::redirect_error(use_awaitable, woken));
    }
}

HookCall AdobeSender::call_of(const Webhook& webhook, std::string body) const {
    HookCall call;
    call.headers = {{"Content-Type", "application/json"}, {"X-AdobeSign-ClientId", webhook.spec.client_id}};
    call.body = std::move(body);
    return call;
}

Task<void> AdobeSender::deliver(Webhook& webhook, HookClient& client) {
    const Notification* const first = webhook.train.front();
    const Agreement& agreement = *first->agreement;
    std::string body = body_of(webhook, *first);
    co_await forge(webhook, client, agreement, body);
    if (webhook.train.empty() || webhook.train.front() != first) co_return;
    HookCall call = call_of(webhook, std::move(body));
    call.cut = fires(AdobeFault::hook_cut, agreement);
    const bool cut = call.cut;
    parts_.referee.count("hooks_sent");
    const HookAnswer answer = co_await client.send(std::move(call), parts_.options.hooks.answer_limit);
    // It may have been made inactive meanwhile.
    if (webhook.train.empty() || webhook.train.front() != first) co_return;
    settle(webhook, answer, cut);
}

void AdobeSender::settle(Webhook& webhook, const HookAnswer& answer, bool cut) {
    const Moment now = parts_.clock.now();
    const std::string event(webhook.train.front()->event.hook);
    const Verdict verdict = judge(answer, webhook.spec.client_id);
    if (answer.status != 0) parts_.referee.answered_in(answer.took);
    if (verdict == Verdict::late) {
        parts_.referee.answered_in(answer.took);
        parts_.referee.record("hook_answers_late", now, event);
    }
    if (verdict == Verdict::no_echo) parts_.referee.record("hook_echo_missing", now, event);
    if (verdict == Verdict::acknowledged && !cut)
        parts_.book.succeeded(webhook, now.virtual_time);
    else
        parts_.book.failed(webhook, answer.status, now.virtual_time);
}

AdobeSender::Verdict AdobeSender::judge(const HookAnswer& answer, const std::string& client_id) const {
    if (answer.late) return Verdict::late;
    if (answer.status == 0) return Verdict::unanswered;
    if (answer.status < 200 || answer.status > 299) return Verdict::refused;
    const bool echoed = answer.client_id == client_id || echoed_in(answer.body) == client_id;
    return echoed ? Verdict::acknowledged : Verdict::no_echo;
}

Task<void> AdobeSender::forge(Webhook& webhook, HookClient& client, const Agreement& agreement, std::string body) {
    for (const AdobeFault fault : forgeries) {
        if (!fires(fault, agreement)) continue;
        HookCall call = call_of(webhook, fault == AdobeFault::hook_not_json ? "{\"webhookId\":" : body);
        if (fault == AdobeFault::hook_no_client_id) call.headers.pop_back();
        if (fault == AdobeFault::hook_wrong_client_id) call.headers.back().second = "SOMEBODYELSE";
        parts_.referee.count("hooks_forged");
        const HookAnswer answer = co_await client.send(std::move(call), parts_.options.hooks.answer_limit);
        const bool accepted = answer.status >= 200 && answer.status <= 299;
        if (accepted && fault != AdobeFault::hook_not_json)
            parts_.referee.record("hook_strangers_accepted", parts_.clock.now(), webhook.id);
    }
}

std::string AdobeSender::body_of(Webhook& webhook, const Notification& notification) {
    Agreement& agreement = *notification.agreement;
    NotificationForm form;
    form.upper_case = fires(AdobeFault::hook_upper_case, agreement);
    form.unknown_event = fires(AdobeFault::hook_unknown_event, agreement);
    if (fires(AdobeFault::hook_trimmed_strings, agreement)) form.trimmed = TrimForm::strings;
    if (fires(AdobeFault::hook_trimmed_objects, agreement)) form.trimmed = TrimForm::objects;
    if (fires(AdobeFault::hook_trimmed_strings_on_top, agreement)) form.trimmed = TrimForm::strings_on_top;
    if (fires(AdobeFault::hook_trimmed_objects_on_top, agreement)) form.trimmed = TrimForm::objects_on_top;
    if (fires(AdobeFault::hook_huge, agreement)) form.pad_to = huge;
    const bool document = webhook.spec.signed_documents || fires(AdobeFault::hook_document, agreement);
    const bool completion = notification.event.hook == "AGREEMENT_WORKFLOW_COMPLETED";
    if (document && completion) form.signed_document = crypto::to_base64(*parts_.api.document_of(agreement).bytes);
    return notification_body(webhook, notification, parts_.world.calendar(), form);
}

Task<bool> AdobeSender::wanted(std::string url, std::string client_id) {
    const auto where = read_hook_url(url);
    if (!where) co_return false;
    HookClient client(parts_.loop, tls_, *where);
    HookCall call;
    call.method = "GET";
    call.headers = {{"X-AdobeSign-ClientId", client_id}};
    const HookAnswer answer = co_await client.send(std::move(call), parts_.options.hooks.answer_limit);
    co_return judge(answer, client_id) == Verdict::acknowledged;
}

}  // namespace signwatch::simulator::adobe
