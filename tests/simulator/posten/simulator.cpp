#include "tests/simulator/posten/simulator.hpp"

#include <nlohmann/json.hpp>

#include "tests/simulator/posten/api.hpp"
#include "tests/simulator/posten/control_api.hpp"
#include "tests/simulator/simulator_host.hpp"

namespace signwatch::simulator {
namespace {

namespace ssl = boost::asio::ssl;

ssl::context make_tls(const KeyMaterial& keys) {
    ssl::context tls = server_tls(keys);
    tls.load_verify_file(keys.authority.string());
    tls.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    static constexpr unsigned char session_context[] = "posten";
    SSL_CTX_set_session_id_context(tls.native_handle(), session_context, sizeof session_context - 1);
    return tls;
}

KeyMaterial make_keys(const PostenOptions& options) {
    return write_key_material(options.directory,
                              {.client_organisation = options.organisations.front(),
                               .server_organisation = options.server_organisation,
                               .rsa = options.rsa});
}

}  // namespace

struct PostenSimulator::Parts {
    PostenSimulator& host;
    PostenOptions options;
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

    Parts(PostenSimulator& simulator, PostenOptions given)
        : host(simulator),
          options(std::move(given)),
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
          control_api({options, world, faults, referee, clock, [this] { host.stop(); }}),
          https(host.loop(),
                {options.port, &tls, [this](Handshake outcome) { judge(outcome); }, options.round_trip},
                [this](const Call& call) { return answer(call); }),
          control_server(host.loop(), {.port = options.control_port}, [this](const Call& call) {
              return control_api.handle(call);
          }) {
        for (const std::string& fault : options.faults)
            faults.set(fault);
        api.set_root(root());
        make_jobs();
    }

    std::string root() const { return "https://" + address_of(https) + "/api"; }
    void make_jobs();
    void judge(Handshake outcome);
    Reply answer(const Call& call);
};

void PostenSimulator::Parts::make_jobs() {
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

void PostenSimulator::Parts::judge(Handshake outcome) {
    referee.count(outcome == Handshake::failed ? Tally::tls_handshakes_failed : Tally::tls_handshakes);
    if (outcome == Handshake::no_client_certificate) {
        referee.record(Violation::without_client_certificate, clock.now(), "", "no client certificate");
    } else if (outcome == Handshake::unknown_client_certificate) {
        referee.record(Violation::without_client_certificate, clock.now(), "", "unknown client certificate");
    }
}

Reply PostenSimulator::Parts::answer(const Call& call) {
    const Moment now = clock.now();
    Reply reply = api.handle(call, now);
    host.log(now, call, reply);
    return reply;
}

PostenSimulator::PostenSimulator(PostenOptions options)
    : SimulatorHost(options.directory, options.log), parts_(std::make_unique<Parts>(*this, std::move(options))) {
    const KeyMaterial& keys = parts_->keys;
    announce(parts_->root(),
             parts_->control_server,
             {{"organisations", parts_->options.organisations},
              {"jobs", parts_->options.mix.jobs},
              {"ca", keys.authority},
              {"certificate", keys.client},
              {"key", keys.client_key},
              {"pkcs12", keys.client_pkcs12},
              {"pkcs12_password", keys.pkcs12_password}});
    parts_->https.start();
    parts_->control_server.start();
}

PostenSimulator::~PostenSimulator() = default;

const KeyMaterial& PostenSimulator::keys() const {
    return parts_->keys;
}

}  // namespace signwatch::simulator
