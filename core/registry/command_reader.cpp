#include "core/registry/command_reader.hpp"

#include <algorithm>
#include <utility>

#include "core/domain/error.hpp"
#include "core/domain/names.hpp"

namespace signwatch::registry {
namespace {

constexpr std::size_t most_at_once = 100;
constexpr milliseconds patience = std::chrono::seconds{5};
// More often than this a command can only have been begun if it ends the daemon itself.
constexpr std::int64_t most_deliveries = 5;

CommandAnswer dead_letter(Command command, std::string_view reason) {
    CommandAnswer answer;
    answer.entry = command.entry;
    answer.dead = CommandAnswer::DeadLetter{std::string(reason), std::move(command.json)};
    return answer;
}

CommandOutcome outcome_of(const Reply& reply) {
    if (!reply.accepted) return {"refused", reply.mistake};
    return {name_of(reply.outcome), {}};
}

CommandOutcome outcome_of(OrderOutcome outcome, ProcessOrder order) {
    if (outcome == OrderOutcome::done) return {"done", {}};
    if (outcome == OrderOutcome::not_watched)
        return {"refused", "it is not looked at on its own: a queue brings it, it has ended, or it is paused"};
    if (order == ProcessOrder::remove) return {"unchanged", {}};
    return {"refused", "no such process is registered"};
}

}  // namespace

CommandReader::CommandReader(Clock& clock, CommandStream& stream, Registrar& registrar, Observer& observer)
    : clock_(clock), stream_(stream), registrar_(registrar), observer_(observer) {}

Task<void> CommandReader::round() {
    if (jobs_.empty() && dead_.empty()) {
        std::vector<Command> commands = co_await stream_.take(most_at_once, patience);
        understand(std::move(commands));
    }
    if (jobs_.empty() && dead_.empty()) co_return;
    co_await do_all();

    std::vector<CommandAnswer> answers = dead_;
    for (const Job& job : jobs_) {
        CommandAnswer& answer = answers.emplace_back();
        answer.entry = job.entry;
        answer.result = compose_result(job.command, job.outcome, clock_.now());
    }
    co_await stream_.finish(std::move(answers));
    for (const Job& job : jobs_)
        observer_.command_finished({job.command.type, job.command.account, job.command.process_id, job.outcome.word});
    for (const CommandAnswer& answer : dead_)
        observer_.command_dead(answer.dead->reason);
    jobs_.clear();
    dead_.clear();
}

void CommandReader::understand(std::vector<Command> commands) {
    for (Command& each : commands) {
        if (each.deliveries > most_deliveries) {
            dead_.push_back(dead_letter(std::move(each), "delivered_too_often"));
            continue;
        }
        auto read = read_command(each.json);
        if (const auto* const hopeless = std::get_if<NoCommand>(&read))
            dead_.push_back(dead_letter(std::move(each), hopeless->reason));
        else
            jobs_.emplace_back(each.entry, std::get<CommandEvent>(std::move(read)));
    }
}

// Adds are collected, because the store takes many as fast as one; an order about one of them must not come before it.
Task<void> CommandReader::do_all() {
    std::vector<std::size_t> adds;
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
        Job& job = jobs_[i];
        const CommandEvent& command = job.command;
        if (job.done) continue;
        if (!command.mistake.empty()) {
            settle(job, {"refused", command.mistake});
            continue;
        }
        if (command.to_register) {
            adds.push_back(i);
            continue;
        }
        const auto same = [&](std::size_t place) {
            const Registration& add = *jobs_[place].command.to_register;
            return add.account == command.account && add.process_id == command.process_id;
        };
        if (std::ranges::any_of(adds, same)) {
            std::vector<std::size_t> before = std::exchange(adds, {});
            co_await do_adds(std::move(before));
        }
        const ProcessOrder order = *command.order;
        CommandOutcome outcome = co_await obey(command.account, command.process_id, order);
        settle(job, std::move(outcome));
    }
    if (!adds.empty()) co_await do_adds(std::move(adds));
}

Task<void> CommandReader::do_adds(std::vector<std::size_t> places) {
    std::vector<Registration> registrations;
    for (const std::size_t place : places)
        registrations.push_back(*jobs_[place].command.to_register);
    const std::vector<Reply> replies = co_await registrar_.add(std::move(registrations));
    for (std::size_t i = 0; i < places.size(); ++i)
        settle(jobs_[places[i]], outcome_of(replies[i]));
}

Task<CommandOutcome> CommandReader::obey(std::string account, std::string process_id, ProcessOrder order) {
    CommandOutcome outcome;
    try {
        const OrderOutcome answer = co_await registrar_.order(std::move(account), std::move(process_id), order);
        outcome = outcome_of(answer, order);
    } catch (const Error& error) {
        if (error.code() != "account_unknown") throw;
        outcome = {"refused", error.what()};
    }
    co_return outcome;
}

void CommandReader::settle(Job& job, CommandOutcome outcome) {
    job.done = true;
    job.outcome = std::move(outcome);
}

}  // namespace signwatch::registry
