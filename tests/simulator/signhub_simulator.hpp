#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tests/simulator/signhub_options.hpp"

namespace signwatch::simulator::signhub {

/// A whole simulated SignHub on one thread: HTTPS with an API key, the control API, and the flows behind them.
class SignhubSimulator {
public:
    /// Writes ca.pem, api.key and simulator.json, makes the flows and listens. Throws std::exception.
    explicit SignhubSimulator(SignhubOptions options);
    ~SignhubSimulator();
    SignhubSimulator(const SignhubSimulator&) = delete;
    SignhubSimulator& operator=(const SignhubSimulator&) = delete;

    /// "https://127.0.0.1:PORT/signhub" and "http://127.0.0.1:PORT"
    const std::string& root() const;
    const std::string& control() const;
    const std::filesystem::path& authority() const;

    /// What simulator.json holds: addresses and files as one line of JSON.
    const std::string& ready_line() const;

    /// Serves until stop().
    void run();

    /// Any thread; run() returns soon afterwards.
    void stop();

    /// SIGTERM and SIGINT stop run().
    void stop_on_signals();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace signwatch::simulator::signhub
