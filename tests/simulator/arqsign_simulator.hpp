#pragma once

#include <memory>
#include <string>

#include "tests/simulator/arqsign_api.hpp"
#include "tests/simulator/arqsign_options.hpp"
#include "tests/simulator/key_material.hpp"

namespace signwatch::simulator {

/// A whole imitation of ArqSign on one thread: its HTTPS host, the HTTPS host where linked files lie, the control API.
class ArqSignSimulator {
public:
    /// Writes the key material, the files "app.key" and "subscription.key", and simulator.json, and listens. Throws
    /// std::exception.
    explicit ArqSignSimulator(ArqSignOptions options);
    ~ArqSignSimulator();
    ArqSignSimulator(const ArqSignSimulator&) = delete;
    ArqSignSimulator& operator=(const ArqSignSimulator&) = delete;

    const std::string& root() const;     ///< "https://127.0.0.1:PORT"
    const std::string& control() const;  ///< "http://127.0.0.1:PORT"
    const std::string& files() const;    ///< "127.0.0.1:PORT": what document_hosts has to name
    const KeyMaterial& keys() const;
    const ArqSignKeys& credentials() const;

    /// What simulator.json holds, as one line of JSON.
    const std::string& ready_line() const;

    void run();
    void stop();
    void stop_on_signals();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace signwatch::simulator
