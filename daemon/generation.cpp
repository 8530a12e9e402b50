#include "daemon/generation.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "core/domain/names.hpp"
#include "core/pipeline/paced_provider.hpp"

namespace signwatch::daemon {
namespace {

const ProviderFactory& factory_for(const std::vector<const ProviderFactory*>& factories, ProviderKind kind) {
    const auto found = std::find_if(
        factories.begin(), factories.end(), [kind](const ProviderFactory* factory) { return factory->kind() == kind; });
    if (found == factories.end()) throw std::logic_error("no factory for provider " + std::string(name_of(kind)));
    return **found;
}

pipeline::Accounts build_accounts(const pipeline::LineParts& parts,
                                  const std::vector<std::unique_ptr<AccountSettings>>& settings,
                                  const std::vector<const ProviderFactory*>& factories,
                                  const ProviderContext& context,
                                  Budgets& budgets) {
    pipeline::Accounts accounts;
    for (const auto& setting : settings) {
        const AccountTerms& terms = setting->terms();
        const std::string& key = terms.budget_key;
        pipeline::CallBudget& budget = budgets.try_emplace(key, key, parts.clock, parts.state, terms).first->second;
        ProviderContext own = context;
        own.another_call = [&budget] { return budget.take(pipeline::CallPurpose::fetch); };
        std::unique_ptr<Provider> provider = factory_for(factories, terms.provider).create(*setting, own);
        budget.adopt(terms);
        budget.expect_hints(provider->webhooks() != nullptr);
        auto paced = std::make_unique<pipeline::PacedProvider>(std::move(provider), budget);
        accounts.emplace(terms.account, std::make_unique<pipeline::Account>(parts.loop, std::move(paced), budget));
    }
    return accounts;
}

}  // namespace

Generation::Generation(const pipeline::LineParts& parts,
                       const std::vector<std::unique_ptr<AccountSettings>>& settings,
                       const std::vector<const ProviderFactory*>& factories,
                       const ProviderContext& context,
                       Budgets& budgets,
                       runtime::TaskGroup::FailureHandler on_failure,
                       std::function<void()> on_committed)
    : accounts_(build_accounts(parts, settings, factories, context, budgets)),
      tasks_(parts.loop, std::move(on_failure)),
      processor_(parts, std::move(on_committed), [this] { recovery_.wake(); }),
      scheduler_(parts, accounts_, processor_, tasks_),
      recovery_(parts, accounts_, processor_, tasks_),
      deadlines_(parts, accounts_, processor_, tasks_),
      notifications_(parts, accounts_, [this] { scheduler_.wake(); }) {}

Task<void> Generation::start() {
    co_await recovery_.prepare();
    co_await scheduler_.prepare();
    tasks_.spawn("scheduler", scheduler_.run());
    tasks_.spawn("recovery", recovery_.run());
    tasks_.spawn("deadlines", deadlines_.run());
    tasks_.spawn("notifications", notifications_.run());
}

Task<void> Generation::drain() {
    scheduler_.stop();
    recovery_.stop();
    deadlines_.stop();
    notifications_.stop();
    co_await tasks_.join();
}

WallTime Generation::last_round() const {
    return std::min(
        {scheduler_.last_round(), recovery_.last_round(), deadlines_.last_round(), notifications_.last_round()});
}

}  // namespace signwatch::daemon
