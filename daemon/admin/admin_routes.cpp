#include "daemon/admin/admin_routes.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/domain/names.hpp"
#include "daemon/admin/answers.hpp"
#include "daemon/admin/process_query.hpp"
#include "daemon/admin/registrations.hpp"

namespace signwatch::admin {
namespace {

using listener::Answer;
using Json = nlohmann::ordered_json;

bool fits(std::string_view pattern, const std::vector<std::string>& path) {
    pattern.remove_prefix(1);
    for (const std::string& segment : path) {
        const std::size_t end = std::min(pattern.find('/'), pattern.size());
        const std::string_view wanted = pattern.substr(0, end);
        if (wanted.empty() || (wanted.front() != '{' && wanted != segment)) return false;
        pattern.remove_prefix(std::min(end + 1, pattern.size()));
    }
    return pattern.empty();
}

bool is_json(std::string_view content_type) {
    constexpr std::string_view wanted = "application/json";
    const std::string_view type = content_type.substr(0, content_type.find_first_of("; \t"));
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::equal(type, wanted, [&](char a, char b) { return lower(a) == b; });
}

/// What is wrong with a request whose route is known.
std::optional<Answer> mistake_in(const Route& route, const Target& target, const listener::Request& request) {
    if (route.name != "list" && !target.query.empty())
        return error_answer(400, "bad_parameter", "there is no parameter " + target.query.begin()->first + " here");
    if (route.name != "register") {
        if (request.body.empty()) return std::nullopt;
        return error_answer(400, "unexpected_body", "this takes no body");
    }
    if (is_json(request.content_type)) return std::nullopt;
    return error_answer(415, "no_json", "the content type must be application/json");
}

Answer not_found() {
    return error_answer(404, "process_unknown", "there is no such process");
}

}  // namespace

const std::vector<AdminRoutes::Entry>& AdminRoutes::entries() {
    static const std::vector<Entry> table{
        {{"register", "POST", "/v1/processes"}, &AdminRoutes::enrol},
        {{"list", "GET", "/v1/processes"}, &AdminRoutes::list},
        {{"show", "GET", "/v1/processes/{account}/{processId}"}, &AdminRoutes::show},
        {{"remove", "DELETE", "/v1/processes/{account}/{processId}"}, &AdminRoutes::order, ProcessOrder::remove},
        {{"pause", "POST", "/v1/processes/{account}/{processId}/pause"}, &AdminRoutes::order, ProcessOrder::pause},
        {{"resume", "POST", "/v1/processes/{account}/{processId}/resume"}, &AdminRoutes::order, ProcessOrder::resume},
        {{"poll_now", "POST", "/v1/processes/{account}/{processId}/poll-now"},
         &AdminRoutes::order,
         ProcessOrder::poll_now},
        {{"retry", "POST", "/v1/processes/{account}/{processId}/retry"}, &AdminRoutes::retry}};
    return table;
}

const AdminRoutes::Entry* AdminRoutes::find(const Target& target, std::string_view method, std::string& allowed) {
    for (const Entry& entry : entries()) {
        if (!fits(entry.route.path, target.path)) continue;
        if (entry.route.method == method) return &entry;
        if (!allowed.empty()) allowed += ", ";
        allowed += entry.route.method;
    }
    return nullptr;
}

std::vector<Route> AdminRoutes::all() {
    std::vector<Route> routes;
    for (const Entry& entry : entries())
        routes.push_back(entry.route);
    return routes;
}

std::string_view AdminRoutes::name_of(const listener::Request& request) {
    std::string allowed;
    const auto target = read_target(request.target);
    const Entry* const entry = target ? find(*target, request.method, allowed) : nullptr;
    return entry ? entry->route.name : "none";
}

Task<Handled> AdminRoutes::handle(listener::Request request) {
    Handled handled;
    std::string allowed;
    auto target = read_target(request.target);
    const Entry* const entry = target ? find(*target, request.method, allowed) : nullptr;
    if (!entry) {
        if (!target)
            handled.answer = error_answer(400, "bad_target", "path and query must be percent-encoded UTF-8");
        else if (allowed.empty())
            handled.answer = error_answer(404, "not_found", "there is nothing at this path");
        else
            handled.answer = error_answer(405, "method_not_allowed", "allowed here: " + allowed);
        handled.answer.allow = allowed;
        co_return handled;
    }
    handled.route = entry->route.name;
    auto mistake = mistake_in(entry->route, *target, request);
    if (mistake) {
        handled.answer = std::move(*mistake);
        co_return handled;
    }
    Call call;
    call.target = std::move(*target);
    call.request = std::move(request);
    call.order = entry->order;
    try {
        Task<Answer> work = (this->*entry->work)(std::move(call));
        handled.answer = co_await std::move(work);
    } catch (const Error& error) {
        handled.answer = answer_to(error);
        handled.failure = error.code();
    } catch (const std::exception& mistake) {
        handled.failure = mistake.what();
        handled.answer = error_answer(500, "internal", "this is a mistake of signwatch");
    }
    co_return handled;
}

Task<Answer> AdminRoutes::enrol(Call call) {
    auto read = [body = std::move(call.request.body)] { return read_registrations(body); };
    const Registrations asked = co_await runtime::offload(parts_.view_pool, std::move(read));
    if (asked.refusal) co_return *asked.refusal;
    std::vector<Registration> readable;
    for (const Registrations::Item& item : asked.items) {
        if (item.mistake.empty()) readable.push_back(item.registration);
    }
    const std::vector<registry::Reply> replies = co_await parts_.registrar.add(std::move(readable));
    co_return answer_to_registrations(asked, replies);
}

Task<Answer> AdminRoutes::list(Call call) {
    ProcessQuery query = read_query(call.target.query);
    if (!query.mistake.empty()) co_return error_answer(400, "bad_parameter", query.mistake);
    StateView& view = parts_.view;
    auto look = [&view, filter = std::move(query.filter)] { return text_of(processes_json(view, filter)); };
    std::string body = co_await runtime::offload(parts_.view_pool, std::move(look));
    co_return json_answer(200, std::move(body));
}

Task<Answer> AdminRoutes::show(Call call) {
    StateView& view = parts_.view;
    auto look = [&view, account = call.account(), process_id = call.process_id()] {
        const auto json = snapshot_json(view, account, process_id);
        return json.is_null() ? std::string() : text_of(json);
    };
    std::string body = co_await runtime::offload(parts_.view_pool, std::move(look));
    if (body.empty()) co_return not_found();
    co_return json_answer(200, std::move(body));
}

Task<Answer> AdminRoutes::order(Call call) {
    const OrderOutcome outcome = co_await parts_.registrar.order(call.account(), call.process_id(), call.order);
    switch (outcome) {
        case OrderOutcome::unknown:
            co_return not_found();
        case OrderOutcome::not_watched:
            co_return error_answer(
                409, "not_watched", "it is not looked at on its own: a queue brings it, it has ended, or it is paused");
        case OrderOutcome::done:
            break;
    }
    if (call.order == ProcessOrder::remove) co_return json_answer(204, "");
    const Json done{{"outcome", "done"}, {"order", signwatch::name_of(call.order)}};
    co_return json_answer(200, text_of(done));
}

Task<Answer> AdminRoutes::retry(Call call) {
    const std::string account = call.account();
    const std::string process_id = call.process_id();
    const WallTime now = parts_.clock.schedule_now();
    const std::size_t retried = co_await parts_.store.retry_parked(account, process_id, now);
    if (retried > 0) co_return json_answer(200, text_of(Json{{"outcome", "done"}, {"retried", retried}}));
    StateView& view = parts_.view;
    auto look = [&view, account, process_id] { return view.process(account, process_id).has_value(); };
    const bool known = co_await runtime::offload(parts_.view_pool, look);
    if (!known) co_return not_found();
    co_return error_answer(409, "not_parked", "nothing of this process is parked");
}

}  // namespace signwatch::admin
