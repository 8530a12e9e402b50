#pragma once

#include <memory>

#include "tests/simulator/key_material.hpp"
#include "tests/simulator/signhub/options.hpp"
#include "tests/simulator/simulator_host.hpp"

namespace signwatch::simulator::signhub {

/// A whole simulated SignHub on one thread: HTTPS with an API key, the control API, and the flows behind them.
class SignhubSimulator : public SimulatorHost {
public:
    /// Writes the key material, api.key and simulator.json, makes the flows and listens. Throws std::exception.
    explicit SignhubSimulator(SignhubOptions options);
    ~SignhubSimulator();

    const KeyMaterial& keys() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace signwatch::simulator::signhub
