#include "tests/simulator/simulator_host.hpp"

#include <csignal>
#include <fstream>

namespace signwatch::simulator {

void announce(const std::filesystem::path& directory, const std::string& ready) {
    const std::filesystem::path unfinished = directory / "simulator.json.new";
    std::ofstream(unfinished) << ready << '\n';
    std::filesystem::rename(unfinished, directory / "simulator.json");
}

void SignalStop::arm() {
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    signals_.async_wait([this](const boost::system::error_code& error, int) {
        if (!error) loop_.stop();
    });
}

}  // namespace signwatch::simulator
