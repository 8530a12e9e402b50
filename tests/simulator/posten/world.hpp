#pragma once

#include <compare>
#include <cstdint>
#include <deque>
#include <map>
#include <queue>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "tests/simulator/posten/job.hpp"
#include "tests/simulator/posten/referee.hpp"

namespace signwatch::simulator {

/// How the imitated service behaves; all durations are virtual time.
struct Rules {
    bool limits = true;       ///< false: neither permitted times nor the call budget are enforced
    bool call_budget = true;  ///< false: permitted times alone are enforced
    double clock_rate = 1.0;
    microseconds empty_interval = std::chrono::seconds{600};
    microseconds requeue_after = std::chrono::seconds{600};
    microseconds gate_penalty = std::chrono::seconds{1};
    microseconds hidden_gate = std::chrono::seconds{5};
    microseconds block = std::chrono::seconds{30};
    bool escalate = false;        ///< the penalty doubles with every poll that is too early
    bool replace_queued = false;  ///< a newer change replaces one of the same job that is still queued
};

struct QueueKey {
    std::string organisation;
    Flow flow = Flow::portal;
    std::string name;  ///< empty: the default queue
    auto operator<=>(const QueueKey&) const = default;
};

enum class PollOutcome { update, empty, too_early };

/// `job` and `update` are set for an update and valid until the next call into the world.
struct PollAnswer {
    PollOutcome outcome = PollOutcome::empty;
    Job* job = nullptr;
    const Update* update = nullptr;
    microseconds permitted{};  ///< virtual time of the next permitted poll
};

/// How a poll deviates from the rules.
struct PollFaults {
    bool withhold_time = false;   ///< the client is not told the permitted time: polling early is not its fault
    bool hidden_gate = false;     ///< the gate closes for a while although the answer says otherwise
    bool obscure_signer = false;  ///< the last signer gets a status nobody knows
};

enum class ConfirmOutcome { confirmed, repeated, unknown };
enum class CancelOutcome { cancelled, conflict, unknown };

/// A document that is being downloaded; only a download that began after the newest offer counts.
struct Download {
    Job* job = nullptr;
    Document* document = nullptr;
    bool counts = false;
};

/// The queues, jobs and permitted times of Posten signering by the rules of posten-arqsign 1.15. Pure: no I/O, and time
/// is handed in, never going backwards. Jobs live as long as the world, so references to them stay valid.
class PostenWorld {
public:
    PostenWorld(Rules rules, Referee& referee) : rules_(rules), referee_(&referee) {}

    const Rules& rules() const { return rules_; }
    const std::deque<Job>& jobs() const { return jobs_; }

    /// A new job, of which nobody hears before schedule().
    Job& create_job(JobSpec spec);

    /// The job's first change enters its queue at the virtual time `release`.
    void schedule(Job& job, microseconds release);

    /// What a poll would meet now; changes nothing that a client can see.
    PollOutcome preview(const QueueKey& key, const Moment& now);
    PollAnswer poll(const QueueKey& key, const PollFaults& faults, const Moment& now);

    /// The confirmation URL belongs to the job: it confirms the newest update that was delivered and not confirmed.
    ConfirmOutcome confirm(Job& job, const Moment& now);
    CancelOutcome cancel(Job& job, const Moment& now);

    /// nullptr if that organisation never had such a job in that flow.
    Job* find(std::string_view organisation, Flow flow, std::int64_t id);

    Download begin_download(Job& job, Document& document) const { return {&job, &document, document.wanted}; }
    void finish_download(const Download& download);

    /// Brings the state up to `now`: releases changes that are due, re-queues what stayed unconfirmed.
    void advance(const Moment& now);

private:
    struct Entry {
        Job* job;
        std::size_t update;
    };
    struct Queue {
        std::deque<Entry> entries;
        microseconds permitted{};
        microseconds penalty{};
        bool secret = false;
    };
    struct Flight {
        microseconds deadline;
        Entry entry;
        int delivery;
    };
    struct Change {
        microseconds at;
        std::uint64_t order;
        Job* job;
        std::size_t step;
        bool operator>(const Change& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
    };

    PollAnswer refuse(Queue& queue, const QueueKey& key, const PollFaults& faults, const Moment& now);
    PollAnswer deliver(Queue& queue, const Entry& entry, const PollFaults& faults, const Moment& now);
    void offer_documents(Job& job, const Update& update);
    void enter_queue(Job& job, std::size_t step, microseconds offered_at);
    void release_changes(const Moment& now);
    void requeue_expired(const Moment& now);
    void check_downloads(const Job& job, bool final, const Moment& now);
    Queue& queue_of(const Job& job);

    Rules rules_;
    Referee* referee_;
    std::deque<Job> jobs_;
    std::map<QueueKey, Queue> queues_;
    std::deque<Flight> flights_;
    std::priority_queue<Change, std::vector<Change>, std::greater<>> changes_;
    std::uint64_t change_order_ = 0;
};

/// Says whether an update's pades-url and a signer's xades-url are there.
bool offers_pades(const Job& job, const Update& update);
bool offers_xades(const Update& update, std::size_t signer);

}  // namespace signwatch::simulator
