#pragma once

#include <memory>
#include <string>

#include "tests/simulator/adobe_options.hpp"
#include "tests/simulator/key_material.hpp"

namespace signwatch::simulator::adobe {

/// A whole imitation of Adobe Acrobat Sign on one thread: the bootstrap host, two access points, the control API.
class AdobeSimulator {
public:
    /// Writes the key material, the client's secrets and simulator.json, and listens. Throws std::exception.
    explicit AdobeSimulator(AdobeOptions options);
    ~AdobeSimulator();
    AdobeSimulator(const AdobeSimulator&) = delete;
    AdobeSimulator& operator=(const AdobeSimulator&) = delete;

    const std::string& root() const;     ///< "https://127.0.0.1:PORT": where base URIs are asked for
    const std::string& control() const;  ///< "http://127.0.0.1:PORT"
    const KeyMaterial& keys() const;

    /// What simulator.json holds, as one line of JSON.
    const std::string& ready_line() const;

    void run();
    void stop();
    void stop_on_signals();

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace signwatch::simulator::adobe
