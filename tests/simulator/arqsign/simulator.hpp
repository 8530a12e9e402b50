#pragma once

#include <memory>
#include <string>

#include "tests/simulator/arqsign/api.hpp"
#include "tests/simulator/arqsign/options.hpp"
#include "tests/simulator/key_material.hpp"
#include "tests/simulator/simulator_host.hpp"

namespace signwatch::simulator {

/// A whole imitation of ArqSign on one thread: its HTTPS host, the HTTPS host where linked files lie, the control API.
class ArqSignSimulator : public SimulatorHost {
public:
    /// Writes the key material, the files "app.key" and "subscription.key", and simulator.json, and listens. Throws
    /// std::exception.
    explicit ArqSignSimulator(ArqSignOptions options);
    ~ArqSignSimulator();

    std::string files() const;  ///< "127.0.0.1:PORT": what document_hosts has to name
    const KeyMaterial& keys() const;
    const ArqSignKeys& credentials() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace signwatch::simulator
