#include "tests/simulator/arqsign_simulator.hpp"

#include <fstream>

#include <nlohmann/json.hpp>

#include "core/crypto/digest.hpp"
#include "tests/simulator/arqsign_control.hpp"
#include "tests/simulator/http_server.hpp"
#include "tests/simulator/simulator_host.hpp"

namespace signwatch::simulator {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace ssl = boost::asio::ssl;

KeyMaterial make_keys(const ArqSignOptions& options) {
    fs::remove(options.directory / "simulator.json");
    return write_key_material(options.directory, {.names_host = true});
}

// The same for the same seed, so that a simulator that is started again is the same ArqSign as before.
ArqSignKeys make_credentials(const ArqSignOptions& options) {
    const auto key = [&](const char* name) {
        return crypto::sha256_hex(std::to_string(options.seed) + name).substr(0, 32);
    };
    ArqSignKeys keys{key("app"), key("subscription 1"), key("subscription 2")};
    for (const auto& [name, value] : {std::pair<const char*, const std::string&>{"app.key", keys.app_key},
                                      {"subscription.key", keys.subscription_key},
                                      {"subscription2.key", keys.other_subscription_key}}) {
        const fs::path path = options.directory / name;
        std::ofstream(path) << value << '\n';
        fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    }
    return keys;
}

ssl::context make_tls(const KeyMaterial& keys) {
    ssl::context tls(ssl::context::tls_server);
    tls.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
    tls.use_certificate_chain_file(keys.server.string());
    tls.use_private_key_file(keys.server_key.string(), ssl::context::pem);
    return tls;
}

CallWindows make_windows(const ArqSignLimits& limits) {
    return CallWindows({{"second", 1s, limits.per_second},
                        {"minute", 60s, limits.per_minute},
                        {"hour", 1h, limits.per_hour},
                        {"month", 744h, limits.per_month}});
}

std::string address(const HttpServer& server) {
    return "127.0.0.1:" + std::to_string(server.port());
}

}  // namespace

struct ArqSignSimulator::Parts {
    asio::io_context loop{1};
    ArqSignOptions options;
    KeyMaterial keys;
    ArqSignKeys credentials;
    ssl::context tls;
    VirtualClock clock;
    CallWindows windows;
    ArqSignReferee referee;
    FaultSwitches faults;
    ArqSignWorld world;
    ArqSignHookBook book;
    ArqSignApi api;
    ArqSignSender sender;
    ArqSignControl control_api;
    HttpServer https;
    HttpServer files_server;
    HttpServer control_server;
    SignalStop signals{loop};
    std::ofstream log;
    std::string root;
    std::string control;
    std::string files;
    std::string ready;

    explicit Parts(ArqSignOptions given)
        : options(std::move(given)),
          keys(make_keys(options)),
          credentials(make_credentials(options)),
          tls(make_tls(keys)),
          clock(options.clock_rate),
          windows(make_windows(options.limits)),
          faults(arqsign_fault_names(), options.seed),
          world(options.seed),
          book(faults, referee, options.seed),
          api({options, credentials, world, windows, faults, referee}),
          sender({loop, options, world, book, api, faults, referee, clock, sender_tls()}),
          control_api({options,
                       world,
                       windows,
                       referee,
                       sender,
                       {faults, clock, [this] { loop.stop(); }, [this] { sender.wake(); }}}),
          https(loop, {.port = options.port, .tls = &tls}, [this](const Call& call) { return answer(call, false); }),
          files_server(
              loop, {.port = options.files_port, .tls = &tls}, [this](const Call& call) { return answer(call, true); }),
          control_server(
              loop, {.port = options.control_port}, [this](const Call& call) { return control_api.handle(call); }),
          root("https://" + address(https)),
          control("http://" + address(control_server)),
          files(address(files_server)),
          ready(ready_json()) {
        if (!options.log.empty()) log.open(options.log, std::ios::app);
        for (const std::string& fault : options.faults)
            faults.set(fault);
        api.set_files_root("https://" + files);
    }

    HookTls sender_tls() const {
        return {.authority = options.hook_authority.empty() ? keys.authority : options.hook_authority,
                .only_tls_1_2 = false};
    }

    std::string ready_json() const {
        const nlohmann::ordered_json json{{"root", root},
                                          {"control", control},
                                          {"files", files},
                                          {"ca", keys.authority},
                                          {"listener_certificate_file", keys.server},
                                          {"listener_key_file", keys.server_key},
                                          {"app_key", options.directory / "app.key"},
                                          {"subscription_key", options.directory / "subscription.key"},
                                          {"other_subscription_key", options.directory / "subscription2.key"}};
        return json.dump();
    }

    Reply answer(const Call& call, bool file) {
        const Moment now = clock.now();
        Reply reply = file ? api.handle_file(call, now) : api.handle(call, now);
        if (log.is_open()) {
            log << now.virtual_time.count() / 1000 << ' ' << call.method << ' ' << call.target << ' ' << reply.status
                << ' ' << reply.body().size() << '\n'
                << std::flush;
        }
        return reply;
    }
};

ArqSignSimulator::ArqSignSimulator(ArqSignOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {
    announce(parts_->options.directory, parts_->ready);
    parts_->https.start();
    parts_->files_server.start();
    parts_->control_server.start();
    parts_->sender.start();
}

ArqSignSimulator::~ArqSignSimulator() = default;

const std::string& ArqSignSimulator::root() const {
    return parts_->root;
}
const std::string& ArqSignSimulator::control() const {
    return parts_->control;
}
const std::string& ArqSignSimulator::files() const {
    return parts_->files;
}
const KeyMaterial& ArqSignSimulator::keys() const {
    return parts_->keys;
}
const ArqSignKeys& ArqSignSimulator::credentials() const {
    return parts_->credentials;
}
const std::string& ArqSignSimulator::ready_line() const {
    return parts_->ready;
}

void ArqSignSimulator::run() {
    parts_->loop.run();
}
void ArqSignSimulator::stop() {
    parts_->loop.stop();
}
void ArqSignSimulator::stop_on_signals() {
    parts_->signals.arm();
}

}  // namespace signwatch::simulator
