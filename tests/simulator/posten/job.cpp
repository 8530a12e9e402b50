#include "tests/simulator/posten/job.hpp"

#include <array>
#include <cstdio>

namespace signwatch::simulator {
namespace {

constexpr std::array<std::string_view, 6> portal_failures{
    "REJECTED", "EXPIRED", "RESERVED", "CONTACT_INFORMATION_MISSING", "BLOCKED", "SIGNERS_NAME_NOT_AVAILABLE"};
constexpr std::array<std::string_view, 4> direct_failures{
    "REJECTED", "EXPIRED", "FAILED", "SIGNERS_NAME_NOT_AVAILABLE"};

std::string padded(std::int64_t number, int width) {
    char text[32];
    std::snprintf(text, sizeof text, "%0*lld", width, static_cast<long long>(number));
    return text;
}

std::string invented_personal_number(std::int64_t job, std::int64_t signer) {
    return "0101" + padded((job * 10 + signer) % 10'000'000, 7);
}

Signer portal_signer(std::int64_t job, std::int64_t number) {
    const std::string email = "signer" + std::to_string(number) + ".job" + std::to_string(job) + "@example.com";
    const std::string mobile = "+479" + padded((job * 10 + number) % 10'000'000, 7);
    switch ((job + number) % 4) {
        case 0:
            return {.email = email, .mobile = mobile};
        case 1:
            return {.email = email};
        case 2:
            return {.mobile = mobile};
        default:
            return {.personal_number = invented_personal_number(job, number)};
    }
}

Signer direct_signer(std::int64_t job, std::int64_t number) {
    if ((job + number) % 2 == 0) return {.personal_number = invented_personal_number(job, number)};
    return {.custom = "customer-" + std::to_string(job) + "-" + std::to_string(number)};
}

std::string_view failure_of(const Job& job) {
    const auto turn = static_cast<std::size_t>(job.id);
    return job.spec.flow == Flow::portal ? portal_failures[turn % portal_failures.size()]
                                         : direct_failures[turn % direct_failures.size()];
}

}  // namespace

std::string_view name_of(Flow flow) {
    return flow == Flow::portal ? "portal" : "direct";
}

std::string_view name_of(JobStatus status) {
    switch (status) {
        case JobStatus::in_progress:
            return "IN_PROGRESS";
        case JobStatus::completed_successfully:
            return "COMPLETED_SUCCESSFULLY";
        case JobStatus::failed:
            return "FAILED";
    }
    return "";
}

std::string_view name_of(UpdateState state) {
    switch (state) {
        case UpdateState::queued:
            return "queued";
        case UpdateState::in_flight:
            return "in_flight";
        case UpdateState::confirmed:
            return "confirmed";
        case UpdateState::superseded:
            return "superseded";
    }
    return "";
}

std::optional<Flow> flow_named(std::string_view name) {
    if (name == "portal") return Flow::portal;
    if (name == "direct") return Flow::direct;
    return std::nullopt;
}

std::optional<Scenario> scenario_named(std::string_view name) {
    if (name == "completed") return Scenario::completed;
    if (name == "failed") return Scenario::failed;
    if (name == "in_progress") return Scenario::in_progress;
    return std::nullopt;
}

JobStatus status_at(const Job& job, std::size_t step) {
    if (job.cancelled || job.spec.scenario == Scenario::failed) return JobStatus::failed;
    return step + 1 < job.steps ? JobStatus::in_progress : JobStatus::completed_successfully;
}

std::string_view signer_status_at(const Job& job, std::size_t step, std::size_t signer) {
    if (job.cancelled) return "CANCELLED";
    switch (job.spec.scenario) {
        case Scenario::completed:
            return "SIGNED";
        case Scenario::in_progress:
            return signer <= step ? "SIGNED" : "WAITING";
        case Scenario::failed:
            break;
    }
    const std::size_t culprit = job.signers.size() / 2;
    if (signer == culprit) return failure_of(job);
    return signer < culprit ? "SIGNED" : "NOT_APPLICABLE";
}

Job make_job(std::int64_t id, JobSpec spec) {
    Job job;
    job.id = id;
    if (spec.reference.empty()) spec.reference = "contract-" + std::to_string(id);
    for (int number = 1; number <= spec.signers; ++number) {
        job.signers.push_back(spec.flow == Flow::portal ? portal_signer(id, number) : direct_signer(id, number));
        job.xades.emplace_back().signer = number;
    }
    job.steps = spec.scenario == Scenario::in_progress ? job.signers.size() : 1;
    job.spec = std::move(spec);
    return job;
}

}  // namespace signwatch::simulator
