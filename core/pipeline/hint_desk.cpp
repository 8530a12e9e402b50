#include "core/pipeline/hint_desk.hpp"

#include <utility>

namespace signwatch::pipeline {

Task<void> HintDesk::apply(Account& account,
                           std::vector<ProcessHint> hints,
                           Via via,
                           std::vector<NotificationId> finished) {
    if (hints.empty() && finished.empty()) co_return;
    const AccountTerms& terms = account.terms();
    HintProcesses request;
    request.account = terms.account;
    request.provider = terms.provider;
    request.hints = std::move(hints);
    request.finished = std::move(finished);
    request.via = via;
    request.adopts = terms.adopts;
    request.schedule_now = parts_.clock.schedule_now();
    request.regular_from = request.schedule_now + terms.process_interval;
    request.now = parts_.clock.now();
    const HintCounts counts = co_await parts_.state.hint_processes(std::move(request));
    parts_.progress.reached(Step::hints_applied);
    parts_.observer.hints_applied(terms.account, via, counts);
    if (counts.hurried + counts.adopted > 0) on_hurried_();
}

}  // namespace signwatch::pipeline
