#include <exception>
#include <iostream>

#include "tests/simulator/command_line.hpp"
#include "tests/simulator/simulator.hpp"

int main(int argument_count, char** arguments) {
    using namespace signwatch::simulator;
    try {
        const CommandLine line = read_command_line(argument_count, arguments);
        if (!line.options) return line.exit_code;
        Simulator simulator(*line.options);
        simulator.stop_on_signals();
        std::cout << simulator.ready_line() << std::endl;
        simulator.run();
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "signwatch-simulator: " << error.what() << '\n';
        return 1;
    }
}
