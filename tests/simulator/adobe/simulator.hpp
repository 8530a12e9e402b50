#pragma once

#include <memory>

#include "tests/simulator/adobe/options.hpp"
#include "tests/simulator/key_material.hpp"
#include "tests/simulator/simulator_host.hpp"

namespace signwatch::simulator::adobe {

/// A whole imitation of Adobe Acrobat Sign on one thread: the bootstrap host, two access points, the control API.
class AdobeSimulator : public SimulatorHost {
public:
    /// Writes the key material, the client's secrets and simulator.json, and listens. Throws std::exception. root() is
    /// where base URIs are asked for.
    explicit AdobeSimulator(AdobeOptions options);
    ~AdobeSimulator();

    const KeyMaterial& keys() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace signwatch::simulator::adobe
