#pragma once

#include <string>
#include <vector>

#include "core/ports/command_stream.hpp"
#include "core/ports/observer.hpp"
#include "core/registry/command_event.hpp"
#include "core/registry/registrar.hpp"

namespace signwatch::registry {

/// Works off a stream of commands: take, understand, do through the Registrar, finish with the answers. Commands are at
/// least once, and doing one again changes nothing: what was added is "unchanged" then, and so is what was removed.
/// Those about the same process are done in their order. Event-loop thread; what it is given outlives it.
class CommandReader {
public:
    CommandReader(Clock& clock, CommandStream& stream, Registrar& registrar, Observer& observer);

    /// One batch. Throws Error when stream or store are in trouble: the commands in hand are kept, and the next round
    /// goes on with them; nothing of them is acknowledged, and no delivery of theirs is counted.
    Task<void> round();

private:
    /// A command on its way to its answer.
    struct Job {
        Job(EntryId at, CommandEvent read) : entry(at), command(std::move(read)) {}

        EntryId entry;
        CommandEvent command;
        bool done = false;
        CommandOutcome outcome;
    };

    void understand(std::vector<Command> commands);
    Task<void> do_all();
    Task<void> do_adds(std::vector<std::size_t> places);
    Task<CommandOutcome> obey(std::string account, std::string process_id, ProcessOrder order);
    void settle(Job& job, CommandOutcome outcome);

    Clock& clock_;
    CommandStream& stream_;
    Registrar& registrar_;
    Observer& observer_;
    std::vector<Job> jobs_;
    std::vector<CommandAnswer> dead_;
};

}  // namespace signwatch::registry
