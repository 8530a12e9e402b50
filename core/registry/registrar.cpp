#include "core/registry/registrar.hpp"

#include <utility>

#include "core/domain/error.hpp"
#include "core/registry/registration_rules.hpp"

namespace signwatch::registry {

Registrar::Registrar(Clock& clock, StateStore& store, FindAccount find_account)
    : clock_(clock), store_(store), find_account_(std::move(find_account)) {}

Task<std::vector<Reply>> Registrar::add(std::vector<Registration> registrations) {
    std::vector<Reply> replies(registrations.size());
    std::vector<std::size_t> places;
    std::vector<Registration> accepted;
    FirstLooks looks;
    looks.now = clock_.schedule_now();
    for (std::size_t i = 0; i < registrations.size(); ++i) {
        Registration& each = registrations[i];
        const AccountSettings* const account = find_account_(each.account);
        replies[i].mistake = mistake_in(each, account);
        if (!replies[i].mistake.empty()) continue;
        each.provider = account->terms().provider;
        looks.due_at.push_back(first_look(each, *account));
        accepted.push_back(std::move(each));
        places.push_back(i);
    }
    if (accepted.empty()) co_return replies;

    const std::vector<Registration> asked = accepted;
    const std::vector<RegisterResult> results =
        co_await store_.register_processes(std::move(accepted), std::move(looks), clock_.now());
    for (std::size_t i = 0; i < results.size(); ++i) {
        Reply& reply = replies[places[i]];
        reply.outcome = results[i].outcome;
        reply.accepted = reply.outcome != Registered::conflict;
        if (!reply.accepted) {
            reply.mistake = "process " + asked[i].process_id + " is registered under correlation id " +
                            results[i].correlation_id + ", not " + asked[i].correlation_id;
        }
    }
    co_return replies;
}

Task<OrderOutcome> Registrar::order(std::string account, std::string process_id, ProcessOrder order) {
    if (find_account_(account) == nullptr)
        throw Error(ErrorKind::permanent, "account_unknown", "no account " + account + " is configured");
    const WallTime now = clock_.schedule_now();
    co_return co_await store_.order_process(std::move(account), std::move(process_id), order, now);
}

std::optional<WallTime> Registrar::first_look(const Registration& registration, const AccountSettings& account) const {
    const milliseconds usual = account.terms().process_interval;
    if (usual <= milliseconds{0}) return std::nullopt;
    return clock_.schedule_now() + first_look_after(registration, registration.interval.value_or(usual));
}

}  // namespace signwatch::registry
