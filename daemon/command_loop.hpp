#pragma once

#include "core/pipeline/round_loop.hpp"
#include "core/registry/command_reader.hpp"

namespace signwatch::daemon {

/// Reads commands for as long as it runs; trouble with stream or store is reported and waited out. Event-loop thread;
/// what it is given outlives it.
class CommandLoop {
public:
    CommandLoop(Clock& clock, CommandStream& stream, registry::Registrar& registrar, Observer& observer);

    Task<void> run();
    /// Takes no more; what is in hand still gets its answers, once.
    void stop();

private:
    Task<WallTime> round();

    Clock& clock_;
    CommandStream& stream_;
    registry::CommandReader reader_;
    pipeline::RoundLoop loop_;
};

}  // namespace signwatch::daemon
