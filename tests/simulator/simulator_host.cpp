#include "tests/simulator/simulator_host.hpp"

#include <csignal>

#include <nlohmann/json.hpp>

namespace signwatch::simulator {

namespace ssl = boost::asio::ssl;

SimulatorHost::SimulatorHost(std::filesystem::path directory, const std::filesystem::path& log)
    : directory_(std::move(directory)) {
    std::filesystem::create_directories(directory_);
    std::filesystem::remove(directory_ / "simulator.json");
    if (!log.empty()) log_.open(log, std::ios::app);
}

void SimulatorHost::stop_on_signals() {
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    signals_.async_wait([this](const boost::system::error_code& error, int) {
        if (!error) stop();
    });
}

void SimulatorHost::announce(std::string root, const HttpServer& control, const nlohmann::ordered_json& rest) {
    root_ = std::move(root);
    control_ = "http://" + address_of(control);
    nlohmann::ordered_json line{{"root", root_}, {"control", control_}};
    line.update(rest);
    ready_ = line.dump();
    const std::filesystem::path unfinished = directory_ / "simulator.json.new";
    std::ofstream(unfinished) << ready_ << '\n';
    std::filesystem::rename(unfinished, directory_ / "simulator.json");
}

void SimulatorHost::log(const Moment& now, const Call& call, const Reply& reply) {
    if (!log_.is_open()) return;
    log_ << now.wall.count() / 1000 << ' ' << call.method << ' ' << call.target.substr(0, call.target.find('?')) << ' '
         << reply.status << ' ' << reply.body().size() << '\n'
         << std::flush;
}

ssl::context server_tls(const KeyMaterial& keys) {
    ssl::context tls(ssl::context::tls_server);
    tls.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
    tls.use_certificate_chain_file(keys.server.string());
    tls.use_private_key_file(keys.server_key.string(), ssl::context::pem);
    return tls;
}

std::string address_of(const HttpServer& server) {
    return "127.0.0.1:" + std::to_string(server.port());
}

}  // namespace signwatch::simulator
