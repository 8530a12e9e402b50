#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

namespace signwatch::simulator {

/// Writes simulator.json so that whoever waits for it never sees an older one or half of it.
void announce(const std::filesystem::path& directory, const std::string& ready);

/// SIGTERM and SIGINT stop the loop.
class SignalStop {
public:
    explicit SignalStop(boost::asio::io_context& loop) : loop_(loop), signals_(loop) {}
    void arm();

private:
    boost::asio::io_context& loop_;
    boost::asio::signal_set signals_;
};

}  // namespace signwatch::simulator
