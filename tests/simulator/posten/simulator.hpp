#pragma once

#include <memory>

#include "tests/simulator/key_material.hpp"
#include "tests/simulator/posten/options.hpp"
#include "tests/simulator/simulator_host.hpp"

namespace signwatch::simulator {

/// A whole imitation of Posten signering on one thread: HTTPS with mutual TLS, the control API, and the world behind
/// them.
class PostenSimulator : public SimulatorHost {
public:
    /// Writes the key material and simulator.json, makes the jobs and listens. Throws std::exception.
    explicit PostenSimulator(PostenOptions options);
    ~PostenSimulator();

    const KeyMaterial& keys() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace signwatch::simulator
