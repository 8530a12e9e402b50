#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulator/virtual_clock.hpp"

namespace signwatch::simulator {

enum class Flow { portal, direct };
enum class JobStatus { in_progress, completed_successfully, failed };

/// How a job goes: `completed` and `failed` have one update, `in_progress` one for each of its signers.
enum class Scenario { completed, failed, in_progress };

std::string_view name_of(Flow flow);
std::string_view name_of(JobStatus status);
std::optional<Flow> flow_named(std::string_view name);
std::optional<Scenario> scenario_named(std::string_view name);

/// What is asked for when a job is made.
struct JobSpec {
    std::string organisation;
    Flow flow = Flow::portal;
    std::string queue;      ///< empty: the default queue
    std::string reference;  ///< empty: "contract-<job id>"
    int signers = 1;
    Scenario scenario = Scenario::completed;
    std::optional<microseconds>
        progress_every;              ///< virtual time between changes; without it the next follows a confirmation
    bool pades_in_progress = false;  ///< offer the unfinished PAdES with IN_PROGRESS updates as well
    std::optional<std::size_t> pades_size;  ///< bytes; without it what the simulator was started with
};

/// Exactly one of the members that say who it is, except that a contact may have an e-mail address and a mobile number.
struct Signer {
    std::string personal_number{};
    std::string email{};
    std::string mobile{};
    std::string custom{};
};

/// One file of a job. `bytes` is made when first needed and dropped with the job; hash and size stay.
struct Document {
    int signer = 0;  ///< 1.. for the XAdES of that signer; 0 for the PAdES
    std::shared_ptr<const std::string> bytes;
    std::string sha256;
    std::size_t size = 0;
    bool offered = false;     ///< an update with its URL has been delivered
    bool wanted = false;      ///< the default policy has to have it before it may confirm
    bool downloaded = false;  ///< completely, since it became wanted
    int downloads = 0;
};

struct SignerState {
    std::string_view status;
    microseconds since{};  ///< wall
};

enum class UpdateState { queued, in_flight, confirmed, superseded };
std::string_view name_of(UpdateState state);

/// One status change in its queue.
struct Update {
    JobStatus status = JobStatus::in_progress;
    std::vector<SignerState> signers{};
    UpdateState state = UpdateState::queued;
    int deliveries = 0;
    microseconds offered_at{};    ///< wall
    microseconds delivered_at{};  ///< wall, the newest delivery
    microseconds confirmed_at{};  ///< wall
};

struct Job {
    std::int64_t id = 0;
    JobSpec spec;
    std::vector<Signer> signers{};
    std::size_t steps = 1;  ///< changes it will go through
    std::deque<Update> updates;
    Document pades;
    std::vector<Document> xades;  ///< one for each signer
    bool deleted = false;         ///< its final update has been confirmed
    bool cancelled = false;
};

/// What update number `step` (0..steps-1) of the job says.
JobStatus status_at(const Job& job, std::size_t step);
std::string_view signer_status_at(const Job& job, std::size_t step, std::size_t signer);

/// A job with its invented signers, before its first update.
Job make_job(std::int64_t id, JobSpec spec);

}  // namespace signwatch::simulator
