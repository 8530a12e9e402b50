#include "tests/simulator/arqsign/sender.hpp"

#include <algorithm>
#include <array>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tests/simulator/wire_time.hpp"

namespace signwatch::simulator {
namespace {

namespace asio = boost::asio;
using boost::asio::use_awaitable;
using namespace std::chrono_literals;

constexpr microseconds longest_sleep = 1s;
constexpr microseconds shortest_sleep = 1ms;
constexpr microseconds between_looks = 10ms;  ///< at processes, at least
constexpr int at_a_time = 4;                  ///< notifications of one webhook

/// What somebody else might send to the same address.
constexpr std::array forgeries{
    ArqSignFault::hook_bad_hmac, ArqSignFault::hook_no_hmac, ArqSignFault::hook_other_account};

}  // namespace

ArqSignSender::ArqSignSender(Parts parts)
    : parts_(std::move(parts)), tls_(hook_tls(parts_.tls)), processes_timer_(parts_.loop) {}

void ArqSignSender::start() {
    asio::co_spawn(parts_.loop, watch_processes(), asio::detached);
}

void ArqSignSender::wake() {
    processes_timer_.cancel();
    for (asio::steady_timer& timer : timers_)
        timer.cancel();
}

bool ArqSignSender::fires(ArqSignFault fault, const ArqSignDelivery& delivery) {
    return parts_.faults.fires(static_cast<std::size_t>(fault), delivery.process->number);
}

microseconds ArqSignSender::real_wait(std::optional<microseconds> until) const {
    if (!until || *until == microseconds::max()) return longest_sleep;
    const auto left = static_cast<double>((*until - parts_.clock.now().virtual_time).count());
    const microseconds wait{static_cast<std::int64_t>(left / parts_.options.clock_rate)};
    return std::clamp(wait, shortest_sleep, longest_sleep);
}

Task<void> ArqSignSender::watch_processes() {
    for (;;) {
        const microseconds now = parts_.clock.now().virtual_time;
        microseconds next = microseconds::max();
        for (ArqSignProcess& process : parts_.world.processes()) {
            if (now >= process.next_event) parts_.book.tell(process, now);
            next = std::min(next, process.next_event);
        }
        for (asio::steady_timer& timer : timers_)
            timer.cancel();
        processes_timer_.expires_after(std::max(real_wait(next), between_looks));
        boost::system::error_code woken;
        co_await processes_timer_.async_wait(asio::redirect_error(use_awaitable, woken));
    }
}

void ArqSignSender::serve(ArqSignHook& hook) {
    for (int i = 0; i < at_a_time; ++i)
        asio::co_spawn(parts_.loop, work(hook, timers_.emplace_back(parts_.loop)), asio::detached);
}

Task<void> ArqSignSender::work(ArqSignHook& hook, asio::steady_timer& timer) {
    const auto url = read_hook_url(hook.spec.url);
    if (!url) co_return;
    HookClient client(parts_.loop, tls_, *url);
    for (;;) {
        ArqSignDelivery* const delivery = parts_.book.due(hook, parts_.clock.now().virtual_time);
        if (delivery != nullptr) {
            delivery->under_way = true;
            co_await deliver(hook, *delivery, client);
            continue;
        }
        timer.expires_after(real_wait(parts_.book.next_due(hook)));
        boost::system::error_code woken;
        co_await timer.async_wait(asio::redirect_error(use_awaitable, woken));
    }
}

ArqSignHookForm ArqSignSender::form_of(const ArqSignDelivery& delivery) {
    const Moment now = parts_.clock.now();
    ArqSignHookForm form;
    form.camel_case = fires(ArqSignFault::hook_camel_case, delivery);
    form.old_fields = fires(ArqSignFault::hook_old_fields, delivery);
    form.no_id_evento = fires(ArqSignFault::hook_no_id_evento, delivery);
    form.minimal = fires(ArqSignFault::hook_minimal, delivery);
    form.local_now = brazilian_time(now.wall);
    form.answers.files_root = parts_.api.files_root();
    form.answers.date = [now, rate = parts_.options.clock_rate](microseconds time) {
        return utc_time(wall_of(time, now, rate));
    };
    return form;
}

void ArqSignSender::note_answer(const HookAnswer& answer) {
    const Moment now = parts_.clock.now();
    if (answer.status != 0 || answer.late) parts_.referee.answered_in(answer.took);
    if (answer.late) parts_.referee.record("hook_answers_late", now, "");
    if (answer.status == 401 || answer.status == 403 || answer.status == 404)
        parts_.referee.record("hook_fatal_answers", now, std::to_string(answer.status));
}

Task<void> ArqSignSender::deliver(ArqSignHook& hook, ArqSignDelivery& delivery, HookClient& client) {
    const ArqSignHookForm form = form_of(delivery);
    const bool files = hook.spec.documents && !hook.spec.links;
    if (files) parts_.api.make_files(*delivery.process, form.answers);
    std::string body = arqsign_notification(hook, parts_.book.account(), delivery, form);
    co_await forge(hook, client, delivery, body);
    HookCall call;
    const bool hex = fires(ArqSignFault::hook_hex_hmac, delivery);
    call.headers = {{"Content-Type", "application/json"}, {"HMAC", arqsign_hmac(hook.hmac_key, body, hex)}};
    call.body = std::move(body);
    parts_.referee.count("hooks_sent");
    const HookAnswer answer = co_await client.send(std::move(call), parts_.options.hook_answer_limit);
    note_answer(answer);
    parts_.book.settle(hook, delivery, answer.status, parts_.clock.now().virtual_time);
}

Task<void> ArqSignSender::forge(ArqSignHook& hook, HookClient& client, ArqSignDelivery& delivery, std::string body) {
    for (const ArqSignFault fault : forgeries) {
        if (!fires(fault, delivery)) continue;
        HookCall call;
        call.body = body;
        std::string key = hook.hmac_key;
        if (fault == ArqSignFault::hook_bad_hmac) key += "x";
        if (fault == ArqSignFault::hook_other_account)
            call.body = arqsign_notification(hook, "00000000-0000-4000-8000-000000000000", delivery, form_of(delivery));
        call.headers = {{"Content-Type", "application/json"}, {"HMAC", arqsign_hmac(key, call.body)}};
        if (fault == ArqSignFault::hook_no_hmac) call.headers.pop_back();
        parts_.referee.count("hooks_forged");
        const HookAnswer answer = co_await client.send(std::move(call), parts_.options.hook_answer_limit);
        note_answer(answer);
        if (answer.status >= 200 && answer.status <= 299)
            parts_.referee.record("hook_strangers_accepted", parts_.clock.now(), hook.id);
    }
}

}  // namespace signwatch::simulator
