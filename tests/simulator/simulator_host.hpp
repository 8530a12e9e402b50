#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <nlohmann/json_fwd.hpp>

#include "tests/simulator/http_server.hpp"
#include "tests/simulator/key_material.hpp"

namespace signwatch::simulator {

/// What the imitation of every provider has around its world: a loop with one thread, a log of calls, and how it is
/// announced, run and ended.
class SimulatorHost {
public:
    SimulatorHost(const SimulatorHost&) = delete;
    SimulatorHost& operator=(const SimulatorHost&) = delete;

    const std::string& root() const { return root_; }        ///< e.g. "https://127.0.0.1:1234/api"
    const std::string& control() const { return control_; }  ///< "http://127.0.0.1:1235"

    /// What simulator.json holds, as one line of JSON.
    const std::string& ready_line() const { return ready_; }

    /// Serves until stop().
    void run() { loop_.run(); }

    /// Any thread; run() returns soon afterwards.
    void stop() { loop_.stop(); }

    /// SIGTERM and SIGINT stop run().
    void stop_on_signals();

protected:
    /// An older simulator.json is removed. An empty `log`: none is written.
    SimulatorHost(std::filesystem::path directory, const std::filesystem::path& log);
    ~SimulatorHost() = default;

    boost::asio::io_context& loop() { return loop_; }

    /// Writes simulator.json: root, control and `rest`. Whoever waits for it never sees an older one or half of it.
    void announce(std::string root, const HttpServer& control, const nlohmann::ordered_json& rest);

    /// One line for each call; its query, which may hold secrets, is left out.
    void log(const Moment& now, const Call& call, const Reply& reply);

private:
    boost::asio::io_context loop_{1};
    boost::asio::signal_set signals_{loop_};
    std::filesystem::path directory_;
    std::ofstream log_;
    std::string root_;
    std::string control_;
    std::string ready_;
};

/// TLS 1.2 and 1.3 with the server's certificate.
boost::asio::ssl::context server_tls(const KeyMaterial& keys);

/// "127.0.0.1:PORT"
std::string address_of(const HttpServer& server);

}  // namespace signwatch::simulator
