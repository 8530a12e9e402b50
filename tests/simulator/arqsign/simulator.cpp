#include "tests/simulator/arqsign/simulator.hpp"

#include <nlohmann/json.hpp>

#include "core/crypto/digest.hpp"
#include "tests/simulator/arqsign/control.hpp"

namespace signwatch::simulator {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
namespace ssl = boost::asio::ssl;

KeyMaterial make_keys(const ArqSignOptions& options) {
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
        write_secret(options.directory / name, value + "\n");
    }
    return keys;
}

CallWindows make_windows(const ArqSignLimits& limits) {
    return CallWindows({{"second", 1s, limits.per_second},
                        {"minute", 60s, limits.per_minute},
                        {"hour", 1h, limits.per_hour},
                        {"month", 744h, limits.per_month}});
}

}  // namespace

struct ArqSignSimulator::Parts {
    ArqSignSimulator& host;
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

    Parts(ArqSignSimulator& simulator, ArqSignOptions given)
        : host(simulator),
          options(std::move(given)),
          keys(make_keys(options)),
          credentials(make_credentials(options)),
          tls(server_tls(keys)),
          clock(options.clock_rate),
          windows(make_windows(options.limits)),
          faults(arqsign_fault_names(), options.seed),
          world(options.seed),
          book(faults, referee, options.seed),
          api({options, credentials, world, windows, faults, referee}),
          sender({host.loop(), options, world, book, api, faults, referee, clock, sender_tls()}),
          control_api({options,
                       world,
                       windows,
                       referee,
                       sender,
                       {faults, clock, [this] { host.stop(); }, [this] { sender.wake(); }}}),
          https(host.loop(),
                {.port = options.port, .tls = &tls},
                [this](const Call& call) { return answer(call, false); }),
          files_server(host.loop(),
                       {.port = options.files_port, .tls = &tls},
                       [this](const Call& call) { return answer(call, true); }),
          control_server(host.loop(), {.port = options.control_port}, [this](const Call& call) {
              return control_api.handle(call);
          }) {
        for (const std::string& fault : options.faults)
            faults.set(fault);
        api.set_files_root("https://" + address_of(files_server));
    }

    HookTls sender_tls() const {
        return {.authority = options.hook_authority.empty() ? keys.authority : options.hook_authority,
                .only_tls_1_2 = false};
    }

    Reply answer(const Call& call, bool file) {
        const Moment now = clock.now();
        Reply reply = file ? api.handle_file(call, now) : api.handle(call, now);
        host.log(now, call, reply);
        return reply;
    }
};

ArqSignSimulator::ArqSignSimulator(ArqSignOptions options)
    : SimulatorHost(options.directory, options.log), parts_(std::make_unique<Parts>(*this, std::move(options))) {
    const fs::path& directory = parts_->options.directory;
    announce("https://" + address_of(parts_->https),
             parts_->control_server,
             {{"files", files()},
              {"ca", keys().authority},
              {"listener_certificate_file", keys().server},
              {"listener_key_file", keys().server_key},
              {"app_key", directory / "app.key"},
              {"subscription_key", directory / "subscription.key"},
              {"other_subscription_key", directory / "subscription2.key"}});
    for (HttpServer* server : {&parts_->https, &parts_->files_server, &parts_->control_server})
        server->start();
    parts_->sender.start();
}

ArqSignSimulator::~ArqSignSimulator() = default;

std::string ArqSignSimulator::files() const {
    return address_of(parts_->files_server);
}
const KeyMaterial& ArqSignSimulator::keys() const {
    return parts_->keys;
}
const ArqSignKeys& ArqSignSimulator::credentials() const {
    return parts_->credentials;
}

}  // namespace signwatch::simulator
