#pragma once

#include <string>
#include <thread>

#include <nlohmann/json_fwd.hpp>

#include "tests/simulator/simulator.hpp"

namespace signwatch::simulator {

/// Calls a control API, e.g. "http://127.0.0.1:1234" and "/referee". Throws std::runtime_error for any answer but
/// success.
nlohmann::json control_get(const std::string& control, const std::string& path);
nlohmann::json control_post(const std::string& control, const std::string& path, const nlohmann::json& body);

/// A simulator on a thread of its own, for tests; it ends with this object. Its calls go through the control API and
/// throw std::runtime_error for any answer but success.
class RunningSimulator {
public:
    explicit RunningSimulator(Options options);
    ~RunningSimulator();
    RunningSimulator(const RunningSimulator&) = delete;
    RunningSimulator& operator=(const RunningSimulator&) = delete;

    const std::string& root() const { return simulator_.root(); }
    const std::string& control() const { return simulator_.control(); }
    const KeyMaterial& keys() const { return simulator_.keys(); }

    nlohmann::json get(const std::string& path) const;
    nlohmann::json post(const std::string& path, const nlohmann::json& body) const;

private:
    Simulator simulator_;
    std::thread thread_;
};

}  // namespace signwatch::simulator
