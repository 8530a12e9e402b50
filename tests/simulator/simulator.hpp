#pragma once

#include <memory>
#include <string>

#include "tests/simulator/key_material.hpp"
#include "tests/simulator/options.hpp"

namespace signwatch::simulator {

/// A whole simulator on one thread: HTTPS with mutual TLS, the control API, and the world behind them.
class Simulator {
public:
    /// Writes the key material and simulator.json, makes the jobs and listens. Throws std::exception.
    explicit Simulator(Options options);
    ~Simulator();
    Simulator(const Simulator&) = delete;
    Simulator& operator=(const Simulator&) = delete;

    /// "https://127.0.0.1:PORT/api" and "http://127.0.0.1:PORT"
    const std::string& root() const;
    const std::string& control() const;
    const KeyMaterial& keys() const;

    /// What simulator.json holds: addresses, files and organisations as one line of JSON.
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

}  // namespace signwatch::simulator
