#include "daemon/command_loop.hpp"

namespace signwatch::daemon {

CommandLoop::CommandLoop(Clock& clock, CommandStream& stream, registry::Registrar& registrar, Observer& observer)
    : clock_(clock), stream_(stream), reader_(clock, stream, registrar, observer), loop_("commands", clock, observer) {}

Task<void> CommandLoop::run() {
    const auto one_round = [this] { return round(); };
    co_await loop_.run(one_round);
}

void CommandLoop::stop() {
    loop_.stop();
    stream_.stop();
}

Task<WallTime> CommandLoop::round() {
    co_await reader_.round();
    co_return clock_.schedule_now();
}

}  // namespace signwatch::daemon
