#include <exception>
#include <iostream>

#include "tests/simulator/adobe/simulator.hpp"
#include "tests/simulator/arqsign/simulator.hpp"
#include "tests/simulator/command_line.hpp"
#include "tests/simulator/posten/simulator.hpp"
#include "tests/simulator/signhub/simulator.hpp"

namespace signwatch::simulator {
namespace {

template <typename Imitation, typename Settings>
int serve(const Settings& options) {
    Imitation simulator(options);
    simulator.stop_on_signals();
    std::cout << simulator.ready_line() << std::endl;
    simulator.run();
    return 0;
}

}  // namespace
}  // namespace signwatch::simulator

int main(int argument_count, char** arguments) {
    using namespace signwatch::simulator;
    try {
        const CommandLine line = read_command_line(argument_count, arguments);
        if (line.posten) return serve<PostenSimulator>(*line.posten);
        if (line.arqsign) return serve<ArqSignSimulator>(*line.arqsign);
        if (line.signhub) return serve<signhub::SignhubSimulator>(*line.signhub);
        if (line.adobe) return serve<adobe::AdobeSimulator>(*line.adobe);
        return line.exit_code;
    } catch (const std::exception& error) {
        std::cerr << "signwatch-simulator: " << error.what() << '\n';
        return 1;
    }
}
