#include <exception>
#include <iostream>

#include "tests/simulator/command_line.hpp"
#include "tests/simulator/signhub_simulator.hpp"
#include "tests/simulator/simulator.hpp"

namespace {

template <typename AnySimulator>
int serve(AnySimulator&& simulator) {
    simulator.stop_on_signals();
    std::cout << simulator.ready_line() << std::endl;
    simulator.run();
    return 0;
}

}  // namespace

int main(int argument_count, char** arguments) {
    using namespace signwatch::simulator;
    try {
        const CommandLine line = read_command_line(argument_count, arguments);
        if (line.signhub_options) return serve(signhub::SignhubSimulator(*line.signhub_options));
        if (!line.options) return line.exit_code;
        return serve(Simulator(*line.options));
    } catch (const std::exception& error) {
        std::cerr << "signwatch-simulator: " << error.what() << '\n';
        return 1;
    }
}
