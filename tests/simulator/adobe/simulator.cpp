#include "tests/simulator/adobe/simulator.hpp"

#include <nlohmann/json.hpp>

#include "tests/simulator/adobe/control.hpp"

namespace signwatch::simulator::adobe {
namespace {

namespace ssl = boost::asio::ssl;

KeyMaterial make_keys(const AdobeOptions& options) {
    return write_key_material(options.directory, {.names_host = true});
}

std::string access_point(const HttpServer& server) {
    return "https://" + address_of(server) + "/";
}

}  // namespace

struct AdobeSimulator::Parts {
    AdobeSimulator& host;
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

    Parts(AdobeSimulator& simulator, AdobeOptions given)
        : host(simulator),
          options(std::move(given)),
          keys(make_keys(options)),
          tls(server_tls(keys)),
          clock(options.clock_rate),
          faults(adobe_fault_names(), options.seed),
          tokens(options.tokens, options.seed),
          world(options.seed, Calendar(clock.now(), options.clock_rate)),
          book(options.hooks, faults, referee, options.seed),
          api({options, world, tokens, faults, referee, webhooks()}),
          sender({host.loop(), options, world, book, api, faults, referee, clock, sender_tls()}),
          hooks({world, book, sender, referee, clock, tokens.client_id()}),
          control_api({options, world, tokens, api, referee, hooks, sender, controlled()}),
          bootstrap(
              host.loop(), {.port = options.port, .tls = &tls}, [this](const Call& call) { return answer(call, 0); }),
          first(host.loop(), {.tls = &tls}, [this](const Call& call) { return answer(call, 1); }),
          second(host.loop(), {.tls = &tls}, [this](const Call& call) { return answer(call, 2); }),
          control_server(host.loop(), {.port = options.control_port}, [this](const Call& call) {
              return control_api.handle(call);
          }) {
        for (const std::string& fault : options.faults)
            faults.set(fault);
        api.set_hosts({access_point(bootstrap), access_point(first), access_point(second)});
        write_secret(options.directory / "client.secret", tokens.client_secret() + "\n");
        write_secret(options.directory / "refresh.token", tokens.refresh_token() + "\n");
        write_secret(options.directory / "integration.key", tokens.integration_key() + "\n");
    }

    Controlled controlled() {
        return {faults,
                clock,
                [this] { host.stop(); },
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

    Reply answer(const Call& call, std::size_t access_point) {
        const Moment now = clock.now();
        Reply reply = api.handle(call, access_point, now);
        host.log(now, call, reply);
        return reply;
    }
};

AdobeSimulator::AdobeSimulator(AdobeOptions options)
    : SimulatorHost(options.directory, options.log), parts_(std::make_unique<Parts>(*this, std::move(options))) {
    const std::filesystem::path& directory = parts_->options.directory;
    announce("https://" + address_of(parts_->bootstrap),
             parts_->control_server,
             {{"api", access_point(parts_->first)},
              {"other_api", access_point(parts_->second)},
              {"ca", keys().authority},
              {"listener_certificate_file", keys().server},
              {"listener_key_file", keys().server_key},
              {"sender_certificate_file", keys().client},
              {"client_id", parts_->tokens.client_id()},
              {"client_secret_file", directory / "client.secret"},
              {"refresh_token_file", directory / "refresh.token"},
              {"integration_key_file", directory / "integration.key"}});
    for (HttpServer* server : {&parts_->bootstrap, &parts_->first, &parts_->second, &parts_->control_server})
        server->start();
    parts_->sender.start();
}

AdobeSimulator::~AdobeSimulator() = default;

const KeyMaterial& AdobeSimulator::keys() const {
    return parts_->keys;
}

}  // namespace signwatch::simulator::adobe
