#pragma once

#include <string>
#include <thread>
#include <utility>

#include "tests/simulator/control_client.hpp"

namespace signwatch::simulator {

/// The imitation of a provider on a thread of its own, for tests; it ends with this object. get() and post() go through
/// its control API and throw std::runtime_error for any answer but success.
template <typename Imitation>
class RunningSimulator {
public:
    template <typename Options>
    explicit RunningSimulator(Options options)
        : imitation_(std::move(options)), thread_([this] { imitation_.run(); }) {}
    ~RunningSimulator() {
        imitation_.stop();
        thread_.join();
    }
    RunningSimulator(const RunningSimulator&) = delete;
    RunningSimulator& operator=(const RunningSimulator&) = delete;

    const Imitation* operator->() const { return &imitation_; }

    nlohmann::json get(const std::string& path) const { return control_get(imitation_.control(), path); }
    nlohmann::json post(const std::string& path, const nlohmann::json& body) const {
        return control_post(imitation_.control(), path, body);
    }

private:
    Imitation imitation_;
    std::thread thread_;
};

}  // namespace signwatch::simulator
