#include <random>

#include "tests/simulator/posten/options.hpp"

namespace signwatch::simulator {
namespace {

Scenario choose(const std::vector<std::pair<Scenario, int>>& weights, std::mt19937_64& random) {
    int sum = 0;
    for (const auto& [scenario, weight] : weights)
        sum += weight;
    int ticket = std::uniform_int_distribution<>{0, sum - 1}(random);
    for (const auto& [scenario, weight] : weights) {
        if (ticket < weight) return scenario;
        ticket -= weight;
    }
    return weights.back().first;
}

}  // namespace

std::vector<JobSpec> planned_jobs(const PostenOptions& options) {
    const JobMix& mix = options.mix;
    std::mt19937_64 random(options.seed);
    std::vector<JobSpec> specs;
    for (std::size_t i = 0; i < static_cast<std::size_t>(mix.jobs); ++i) {
        std::size_t turn = i;
        JobSpec& spec = specs.emplace_back();
        spec.queue = mix.queues[turn % mix.queues.size()];
        turn /= mix.queues.size();
        spec.flow = mix.flows[turn % mix.flows.size()];
        turn /= mix.flows.size();
        spec.organisation = options.organisations[turn % options.organisations.size()];
        spec.signers = std::uniform_int_distribution<>{mix.signers.first, mix.signers.second}(random);
        spec.scenario = choose(mix.weights, random);
        spec.pades_in_progress = mix.pades_in_progress;
    }
    return specs;
}

}  // namespace signwatch::simulator
