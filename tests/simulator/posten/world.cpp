#include "tests/simulator/posten/world.hpp"

#include <algorithm>

namespace signwatch::simulator {
namespace {

constexpr std::int64_t first_job_id = 1001;
constexpr std::string_view unheard_of_status = "IDENTITY_UNDER_REVIEW";

bool is_unconfirmed(const Update& update) {
    return update.deliveries > 0 && (update.state == UpdateState::in_flight || update.state == UpdateState::queued);
}

bool is_final(const Update& update) {
    return update.status != JobStatus::in_progress;
}

template <typename Action>
void for_each_document(const Job& job, Action action) {
    action(job.pades);
    for (const Document& document : job.xades)
        action(document);
}

std::string describe(const Job& job, std::size_t missing) {
    return "job " + std::to_string(job.id) + ": " + std::to_string(missing) + " offered document(s) not downloaded";
}

void offer(Document& document, bool wanted) {
    document.offered = true;
    if (!wanted || document.wanted) return;
    document.wanted = true;
    document.downloaded = false;
}

}  // namespace

bool offers_xades(const Update& update, std::size_t signer) {
    return update.signers[signer].status == "SIGNED";
}

bool offers_pades(const Job& job, const Update& update) {
    if (update.status == JobStatus::completed_successfully) return true;
    if (update.status == JobStatus::failed || !job.spec.pades_in_progress) return false;
    return offers_xades(update, 0);
}

Job& PostenWorld::create_job(JobSpec spec) {
    const auto id = first_job_id + static_cast<std::int64_t>(jobs_.size());
    return jobs_.emplace_back(make_job(id, std::move(spec)));
}

void PostenWorld::schedule(Job& job, microseconds release) {
    changes_.push({release, change_order_++, &job, 0});
    if (!job.spec.progress_every) return;
    for (std::size_t step = 1; step < job.steps; ++step) {
        const microseconds at = release + *job.spec.progress_every * static_cast<std::int64_t>(step);
        changes_.push({at, change_order_++, &job, step});
    }
}

Job* PostenWorld::find(std::string_view organisation, Flow flow, std::int64_t id) {
    const std::int64_t index = id - first_job_id;
    if (index < 0 || index >= static_cast<std::int64_t>(jobs_.size())) return nullptr;
    Job& job = jobs_[static_cast<std::size_t>(index)];
    return job.spec.organisation == organisation && job.spec.flow == flow ? &job : nullptr;
}

PollOutcome PostenWorld::preview(const QueueKey& key, const Moment& now) {
    advance(now);
    Queue& queue = queues_[key];
    if (rules_.limits && now.virtual_time < queue.permitted) return PollOutcome::too_early;
    while (!queue.entries.empty()) {
        const Entry& front = queue.entries.front();
        if (front.job->updates[front.update].state == UpdateState::queued) return PollOutcome::update;
        queue.entries.pop_front();
    }
    return PollOutcome::empty;
}

PollAnswer PostenWorld::poll(const QueueKey& key, const PollFaults& faults, const Moment& now) {
    const PollOutcome outcome = preview(key, now);
    Queue& queue = queues_[key];
    if (outcome == PollOutcome::too_early) return refuse(queue, key, faults, now);
    queue.penalty = rules_.gate_penalty;
    queue.secret = faults.withhold_time || faults.hidden_gate;
    if (outcome == PollOutcome::update) {
        const Entry entry = queue.entries.front();
        queue.entries.pop_front();
        return deliver(queue, entry, faults, now);
    }
    queue.permitted = now.virtual_time + rules_.empty_interval;
    return {.outcome = PollOutcome::empty, .permitted = queue.permitted};
}

PollAnswer PostenWorld::refuse(Queue& queue, const QueueKey& key, const PollFaults& faults, const Moment& now) {
    if (queue.secret) {
        referee_->count(Tally::polls_gated_by_fault);
    } else {
        const auto early = (queue.permitted - now.virtual_time).count();
        referee_->record(
            Violation::polls_before_permitted,
            now,
            key.organisation,
            std::string{name_of(key.flow)} + " queue '" + key.name + "': " + std::to_string(early) + " us too early");
    }
    queue.secret = faults.withhold_time;
    queue.permitted = std::max(queue.permitted, now.virtual_time + queue.penalty);
    if (rules_.escalate) queue.penalty *= 2;
    return {.outcome = PollOutcome::too_early, .permitted = queue.permitted};
}

PollAnswer PostenWorld::deliver(Queue& queue, const Entry& entry, const PollFaults& faults, const Moment& now) {
    Job& job = *entry.job;
    Update& update = job.updates[entry.update];
    update.state = UpdateState::in_flight;
    update.delivered_at = now.wall;
    ++update.deliveries;
    referee_->count(Tally::updates_delivered);
    if (update.deliveries > 1) referee_->count(Tally::redeliveries);
    if (faults.obscure_signer) update.signers.back().status = unheard_of_status;
    flights_.push_back({now.virtual_time + rules_.requeue_after, entry, update.deliveries});
    offer_documents(job, update);
    queue.permitted = faults.hidden_gate ? now.virtual_time + rules_.hidden_gate : now.virtual_time;
    return {.outcome = PollOutcome::update, .job = &job, .update = &update, .permitted = queue.permitted};
}

void PostenWorld::offer_documents(Job& job, const Update& update) {
    for (std::size_t signer = 0; signer < update.signers.size(); ++signer) {
        if (offers_xades(update, signer)) offer(job.xades[signer], true);
    }
    if (offers_pades(job, update)) offer(job.pades, update.status == JobStatus::completed_successfully);
}

ConfirmOutcome PostenWorld::confirm(Job& job, const Moment& now) {
    advance(now);
    const auto newest = std::find_if(job.updates.rbegin(), job.updates.rend(), is_unconfirmed);
    if (newest == job.updates.rend()) {
        const bool before = std::any_of(job.updates.begin(), job.updates.end(), [](const Update& update) {
            return update.state == UpdateState::confirmed;
        });
        if (before) referee_->count(Tally::duplicate_confirms);
        return before ? ConfirmOutcome::repeated : ConfirmOutcome::unknown;
    }
    referee_->count(Tally::confirms);
    newest->state = UpdateState::confirmed;
    newest->confirmed_at = now.wall;
    for (auto older = std::next(newest); older != job.updates.rend(); ++older) {
        if (is_unconfirmed(*older)) older->state = UpdateState::superseded;
    }
    const bool final = is_final(*newest);
    check_downloads(job, final, now);
    if (final) {
        job.deleted = true;
        job.pades.bytes.reset();
        for (Document& document : job.xades)
            document.bytes.reset();
    } else if (!job.spec.progress_every && !job.cancelled) {
        enter_queue(job, job.updates.size(), now.wall);
    }
    return ConfirmOutcome::confirmed;
}

void PostenWorld::check_downloads(const Job& job, bool final, const Moment& now) {
    std::size_t missing = 0;
    for_each_document(job,
                      [&missing](const Document& document) { missing += document.wanted && !document.downloaded; });
    if (missing == 0) return;
    referee_->record(Violation::confirmed_before_downloaded, now, job.spec.organisation, describe(job, missing));
    for (std::size_t i = 0; final && i < missing; ++i) {
        referee_->record(Violation::lost_documents, now, job.spec.organisation, describe(job, missing));
    }
}

CancelOutcome PostenWorld::cancel(Job& job, const Moment& now) {
    advance(now);
    if (job.updates.empty()) return CancelOutcome::unknown;
    if (job.cancelled || is_final(job.updates.back())) return CancelOutcome::conflict;
    job.cancelled = true;
    enter_queue(job, job.updates.size(), now.wall);
    return CancelOutcome::cancelled;
}

void PostenWorld::finish_download(const Download& download) {
    referee_->count(Tally::downloads);
    ++download.document->downloads;
    if (download.counts) download.document->downloaded = true;
}

void PostenWorld::enter_queue(Job& job, std::size_t step, microseconds offered_at) {
    Update update{.status = status_at(job, step), .offered_at = offered_at};
    for (std::size_t signer = 0; signer < job.signers.size(); ++signer) {
        SignerState state{signer_status_at(job, step, signer), offered_at};
        if (!job.updates.empty() && job.updates.back().signers[signer].status == state.status) {
            state.since = job.updates.back().signers[signer].since;
        }
        update.signers.push_back(state);
    }
    if (rules_.replace_queued && !job.updates.empty() && job.updates.back().state == UpdateState::queued) {
        job.updates.back().state = UpdateState::superseded;
    }
    if (job.spec.pades_in_progress) job.pades.bytes.reset();
    job.updates.push_back(std::move(update));
    queue_of(job).entries.push_back({&job, job.updates.size() - 1});
}

PostenWorld::Queue& PostenWorld::queue_of(const Job& job) {
    return queues_[{job.spec.organisation, job.spec.flow, job.spec.queue}];
}

void PostenWorld::advance(const Moment& now) {
    release_changes(now);
    requeue_expired(now);
}

void PostenWorld::release_changes(const Moment& now) {
    while (!changes_.empty() && changes_.top().at <= now.virtual_time) {
        const Change change = changes_.top();
        changes_.pop();
        if (change.job->cancelled) continue;
        enter_queue(*change.job, change.step, wall_of(change.at, now, rules_.clock_rate));
    }
}

void PostenWorld::requeue_expired(const Moment& now) {
    while (!flights_.empty() && flights_.front().deadline <= now.virtual_time) {
        const Flight flight = flights_.front();
        flights_.pop_front();
        Job& job = *flight.entry.job;
        Update& update = job.updates[flight.entry.update];
        if (update.state != UpdateState::in_flight || update.deliveries != flight.delivery) continue;
        const bool newest = flight.entry.update + 1 == job.updates.size();
        update.state = newest ? UpdateState::queued : UpdateState::superseded;
        if (newest) queue_of(job).entries.push_back(flight.entry);
    }
}

}  // namespace signwatch::simulator
