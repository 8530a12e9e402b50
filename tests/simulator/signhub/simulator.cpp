#include "tests/simulator/signhub/simulator.hpp"

#include <nlohmann/json.hpp>

#include "tests/simulator/signhub/api.hpp"
#include "tests/simulator/signhub/control.hpp"

namespace signwatch::simulator::signhub {
namespace {

namespace ssl = boost::asio::ssl;

constexpr std::size_t largest_upload = 64 << 20;

// A simulator that is started again in its directory is the same SignHub as before.
KeyMaterial make_keys(const SignhubOptions& options) {
    KeyMaterial keys = write_key_material(options.directory, {.names_host = true});
    write_secret(options.directory / "api.key", options.api_key + "\n");
    return keys;
}

microseconds epoch_of(const VirtualClock& clock) {
    const Moment now = clock.now();
    return now.wall - now.virtual_time;
}

}  // namespace

struct SignhubSimulator::Parts {
    SignhubSimulator& host;
    SignhubOptions options;
    KeyMaterial keys;
    ssl::context tls;
    VirtualClock clock;
    FaultSwitches faults;
    SignhubWorld world;
    SignhubApi api;
    SignhubControl control_api;
    HttpServer https;
    HttpServer control_server;

    Parts(SignhubSimulator& simulator, SignhubOptions given)
        : host(simulator),
          options(std::move(given)),
          keys(make_keys(options)),
          tls(server_tls(keys)),
          clock(options.clock_rate),
          faults({signhub_fault_names().begin(), signhub_fault_names().end()}, options.seed),
          world(options.rules, options.mix.first_id),
          api({options.api_key, options.pdf_size, options.documents, epoch_of(clock)}, world, faults),
          control_api({world, faults, clock, [this] { host.stop(); }}),
          https(host.loop(),
                {options.port, &tls, [this](Handshake outcome) { note(outcome); }, options.round_trip, largest_upload},
                [this](const Call& call) { return answer(call); }),
          control_server(host.loop(), {.port = options.control_port}, [this](const Call& call) {
              return control_api.handle(call);
          }) {
        for (const std::string& fault : options.faults)
            faults.set(fault);
        for (FlowPlan& plan : planned_flows(options))
            world.add(std::move(plan));
    }

    void note(Handshake outcome) {
        world.count(outcome == Handshake::succeeded ? Count::tls_handshakes : Count::tls_handshakes_failed);
    }

    Reply answer(const Call& call) {
        const Moment now = clock.now();
        Reply reply = api.handle(call, now);
        host.log(now, call, reply);
        return reply;
    }
};

SignhubSimulator::SignhubSimulator(SignhubOptions options)
    : SimulatorHost(options.directory, options.log), parts_(std::make_unique<Parts>(*this, std::move(options))) {
    announce("https://" + address_of(parts_->https) + std::string{SignhubApi::base},
             parts_->control_server,
             {{"flows", parts_->options.mix.flows},
              {"first_id", parts_->options.mix.first_id},
              {"ca", keys().authority},
              {"api_key_file", parts_->options.directory / "api.key"}});
    parts_->https.start();
    parts_->control_server.start();
}

SignhubSimulator::~SignhubSimulator() = default;

const KeyMaterial& SignhubSimulator::keys() const {
    return parts_->keys;
}

}  // namespace signwatch::simulator::signhub
