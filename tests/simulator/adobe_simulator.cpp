#include "tests/simulator/adobe_simulator.hpp"

#include <array>
#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/simulator/adobe_control.hpp"
#include "tests/simulator/http_server.hpp"
#include "tests/simulator/simulator_host.hpp"

namespace signwatch::simulator::adobe {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace ssl = boost::asio::ssl;

KeyMaterial make_keys(const AdobeOptions& options) {
    fs::remove(options.directory / "simulator.json");
    return write_key_material(options.directory, {.names_host = true});
}

ssl::context make_tls(const KeyMaterial& keys) {
    ssl::context tls(ssl::context::tls_server);
    tls.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
    tls.use_certificate_chain_file(keys.server.string());
    tls.use_private_key_file(keys.server_key.string(), ssl::context::pem);
    return tls;
}

void write_secret(const fs::path& path, const std::string& value) {
    std::ofstream(path) << value << '\n';
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

std::string address(const HttpServer& server) {
    return "https://127.0.0.1:" + std::to_string(server.port()) + "/";
}

}  // namespace

struct AdobeSimulator::Parts {
    asio::io_context loop{1};
    AdobeOptions options;
    KeyMaterial keys;
    ssl::context tls;
    VirtualClock clock;
    AdobeReferee referee;
    FaultSwitches faults;
    Tokens tokens;
    AdobeWorld world;
    HookBook book;
    AdobeApi api;
    AdobeSender sender;
    AdobeHookApi hooks;
    AdobeControl control_api;
    HttpServer bootstrap;
    HttpServer first;
    HttpServer second;
    HttpServer control_server;
    SignalStop signals{loop};
    std::ofstream log;
    std::string root;
    std::string control;
    std::string ready;

    explicit Parts(AdobeOptions given)
        : options(std::move(given)),
          keys(make_keys(options)),
          tls(make_tls(keys)),
          clock(options.clock_rate),
          faults(adobe_fault_names(), options.seed),
          tokens(options.tokens, options.seed),
          world(options.seed, Calendar(clock.now(), options.clock_rate)),
          book(options.hooks, faults, referee, options.seed),
          api({options, world, tokens, faults, referee, webhooks()}),
          sender({loop, options, world, book, api, faults, referee, clock, sender_tls()}),
          hooks({world, book, sender, referee, clock, tokens.client_id()}),
          control_api({options, world, tokens, api, referee, hooks, sender, controlled()}),
          bootstrap(loop, {.port = options.port, .tls = &tls}, [this](const Call& call) { return answer(call, 0); }),
          first(loop, {.tls = &tls}, [this](const Call& call) { return answer(call, 1); }),
          second(loop, {.tls = &tls}, [this](const Call& call) { return answer(call, 2); }),
          control_server(
              loop, {.port = options.control_port}, [this](const Call& call) { return control_api.handle(call); }),
          root("https://127.0.0.1:" + std::to_string(bootstrap.port())),
          control("http://127.0.0.1:" + std::to_string(control_server.port())) {
        if (!options.log.empty()) log.open(options.log, std::ios::app);
        for (const std::string& fault : options.faults)
            faults.set(fault);
        api.set_hosts({address(bootstrap), address(first), address(second)});
        write_secret(options.directory / "client.secret", tokens.client_secret());
        write_secret(options.directory / "refresh.token", tokens.refresh_token());
        write_secret(options.directory / "integration.key", tokens.integration_key());
        ready = ready_json();
    }

    Controlled controlled() {
        return {faults,
                clock,
                [this] { loop.stop(); },
                [this] {
                    world.calendar().jumped(clock.now());
                    sender.wake();
                }};
    }

    std::function<Reply(const Call&, const Target&, const Moment&)> webhooks() {
        return [this](const Call& call, const Target& target, const Moment& now) {
            return hooks.handle(call, target, now);
        };
    }

    HookTls sender_tls() const {
        HookTls sending{.authority = options.hook_authority.empty() ? keys.authority : options.hook_authority};
        if (!options.hook_certificate) return sending;
        sending.certificate = keys.client;
        sending.key = keys.client_key;
        return sending;
    }

    std::string ready_json() const {
        const nlohmann::ordered_json json{{"root", root},
                                          {"api", address(first)},
                                          {"other_api", address(second)},
                                          {"control", control},
                                          {"ca", keys.authority},
                                          {"listener_certificate_file", keys.server},
                                          {"listener_key_file", keys.server_key},
                                          {"sender_certificate_file", keys.client},
                                          {"client_id", tokens.client_id()},
                                          {"client_secret_file", options.directory / "client.secret"},
                                          {"refresh_token_file", options.directory / "refresh.token"},
                                          {"integration_key_file", options.directory / "integration.key"}};
        return json.dump();
    }

    Reply answer(const Call& call, std::size_t host) {
        const Moment now = clock.now();
        Reply reply = api.handle(call, host, now);
        if (log.is_open()) {
            log << now.wall.count() / 1000 << ' ' << host << ' ' << call.method << ' ' << call.target << ' '
                << reply.status << ' ' << reply.body().size() << '\n'
                << std::flush;
        }
        return reply;
    }
};

AdobeSimulator::AdobeSimulator(AdobeOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {
    announce(parts_->options.directory, parts_->ready);
    for (HttpServer* server : {&parts_->bootstrap, &parts_->first, &parts_->second, &parts_->control_server})
        server->start();
    parts_->sender.start();
}

AdobeSimulator::~AdobeSimulator() = default;

const std::string& AdobeSimulator::root() const {
    return parts_->root;
}
const std::string& AdobeSimulator::control() const {
    return parts_->control;
}
const KeyMaterial& AdobeSimulator::keys() const {
    return parts_->keys;
}
const std::string& AdobeSimulator::ready_line() const {
    return parts_->ready;
}

void AdobeSimulator::run() {
    parts_->loop.run();
}
void AdobeSimulator::stop() {
    parts_->loop.stop();
}
void AdobeSimulator::stop_on_signals() {
    parts_->signals.arm();
}

}  // namespace signwatch::simulator::adobe
