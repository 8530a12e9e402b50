#include "tests/simulator/simulator.hpp"

#include <fstream>

#include <nlohmann/json.hpp>

#include "tests/simulator/control_api.hpp"
#include "tests/simulator/http_server.hpp"
#include "tests/simulator/posten_api.hpp"
#include "tests/simulator/simulator_host.hpp"

namespace signwatch::simulator {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace ssl = boost::asio::ssl;

ssl::context make_tls(const KeyMaterial& keys) {
    ssl::context tls(ssl::context::tls_server);
    tls.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
    tls.use_certificate_chain_file(keys.server.string());
    tls.use_private_key_file(keys.server_key.string(), ssl::context::pem);
    tls.load_verify_file(keys.authority.string());
    tls.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    static constexpr unsigned char session_context[] = "posten";
    SSL_CTX_set_session_id_context(tls.native_handle(), session_context, sizeof session_context - 1);
    return tls;
}

KeyMaterial make_keys(const Options& options) {
    fs::remove(options.directory / "simulator.json");
    return write_key_material(options.directory,
                              {.client_organisation = options.organisations.front(),
                               .server_organisation = options.server_organisation,
                               .rsa = options.rsa});
}

std::string ready_json(const Options& options,
                       const KeyMaterial& keys,
                       const std::string& root,
                       const std::string& control) {
    const nlohmann::ordered_json ready{{"root", root},
                                       {"control", control},
                                       {"organisations", options.organisations},
                                       {"jobs", options.mix.jobs},
                                       {"ca", keys.authority},
                                       {"certificate", keys.client},
                                       {"key", keys.client_key},
                                       {"pkcs12", keys.client_pkcs12},
                                       {"pkcs12_password", keys.pkcs12_password}};
    return ready.dump();
}

}  // namespace

struct Simulator::Parts {
    asio::io_context loop{1};
    Options options;
    KeyMaterial keys;
    ssl::context tls;
    VirtualClock clock;
    Referee referee;
    Faults faults;
    PostenWorld world;
    CallBudget budget;
    DocumentFactory documents;
    PostenApi api;
    ControlApi control_api;
    HttpServer https;
    HttpServer control_server;
    SignalStop signals{loop};
    std::ofstream log;
    std::string root;
    std::string control;
    std::string ready;

    explicit Parts(Options given)
        : options(std::move(given)),
          keys(make_keys(options)),
          tls(make_tls(keys)),
          clock(options.rules.clock_rate),
          faults(options.seed),
          world(options.rules, referee),
          budget(options.rules, referee),
          documents(options.pades_size, options.xades_size),
          api({options.organisations, options.confirm_status, options.repeat_status},
              world,
              budget,
              documents,
              faults,
              referee),
          control_api({options, world, faults, referee, clock, [this] { loop.stop(); }}),
          https(loop,
                {options.port, &tls, [this](Handshake outcome) { judge(outcome); }, options.round_trip},
                [this](const Call& call) { return answer(call); }),
          control_server(
              loop, {.port = options.control_port}, [this](const Call& call) { return control_api.handle(call); }),
          root("https://127.0.0.1:" + std::to_string(https.port()) + "/api"),
          control("http://127.0.0.1:" + std::to_string(control_server.port())),
          ready(ready_json(options, keys, root, control)) {
        if (!options.log.empty()) log.open(options.log, std::ios::app);
        for (const std::string& fault : options.faults)
            faults.set(fault);
        api.set_root(root);
        make_jobs();
    }

    void make_jobs();
    void judge(Handshake outcome);
    Reply answer(const Call& call);
};

void Simulator::Parts::make_jobs() {
    std::vector<Job*> jobs;
    for (JobSpec& spec : planned_jobs(options)) {
        Job& job = *jobs.emplace_back(&world.create_job(std::move(spec)));
        if (options.pregenerate) documents.make_all(job);
    }
    microseconds release = clock.now().virtual_time;
    for (Job* job : jobs) {
        world.schedule(*job, release);
        release += options.mix.interval;
    }
}

void Simulator::Parts::judge(Handshake outcome) {
    referee.count(outcome == Handshake::failed ? Tally::tls_handshakes_failed : Tally::tls_handshakes);
    if (outcome == Handshake::no_client_certificate) {
        referee.record(Violation::without_client_certificate, clock.now(), "", "no client certificate");
    } else if (outcome == Handshake::unknown_client_certificate) {
        referee.record(Violation::without_client_certificate, clock.now(), "", "unknown client certificate");
    }
}

Reply Simulator::Parts::answer(const Call& call) {
    const Moment now = clock.now();
    Reply reply = api.handle(call, now);
    if (log.is_open()) {
        log << now.wall.count() / 1000 << ' ' << call.method << ' ' << call.target << ' ' << reply.status << ' '
            << reply.body().size() << '\n'
            << std::flush;
    }
    return reply;
}

Simulator::Simulator(Options options) : parts_(std::make_unique<Parts>(std::move(options))) {
    announce(parts_->options.directory, parts_->ready);
    parts_->https.start();
    parts_->control_server.start();
}

Simulator::~Simulator() = default;

const std::string& Simulator::root() const {
    return parts_->root;
}
const std::string& Simulator::control() const {
    return parts_->control;
}
const KeyMaterial& Simulator::keys() const {
    return parts_->keys;
}
const std::string& Simulator::ready_line() const {
    return parts_->ready;
}

void Simulator::run() {
    parts_->loop.run();
}
void Simulator::stop() {
    parts_->loop.stop();
}

void Simulator::stop_on_signals() {
    parts_->signals.arm();
}

}  // namespace signwatch::simulator
