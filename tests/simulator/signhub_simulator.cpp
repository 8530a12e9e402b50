#include "tests/simulator/signhub_simulator.hpp"

#include <csignal>
#include <fstream>
#include <stdexcept>

#include <boost/asio/signal_set.hpp>
#include <nlohmann/json.hpp>

#include "tests/fakes/test_pki.hpp"
#include "tests/simulator/http_server.hpp"
#include "tests/simulator/signhub_api.hpp"
#include "tests/simulator/signhub_control.hpp"

namespace signwatch::simulator::signhub {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace ssl = boost::asio::ssl;

constexpr std::size_t largest_upload = 64 << 20;

/// The files of one simulator in its directory.
struct SignhubFiles {
    fs::path authority;
    fs::path server;
    fs::path server_key;
    fs::path api_key;
};

void write_file(const fs::path& path, std::string_view content, bool secret) {
    fs::remove(path);
    std::ofstream file(path, std::ios::binary);
    using enum fs::perms;
    fs::permissions(path, secret ? owner_read | owner_write : owner_read | owner_write | group_read | others_read);
    file << content;
    if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

// A simulator that is started again in its directory is the same SignHub as before.
SignhubFiles write_files(const SignhubOptions& options) {
    const fs::path& directory = options.directory;
    fs::create_directories(directory);
    fs::remove(directory / "simulator.json");
    SignhubFiles files{directory / "ca.pem", directory / "server.pem", directory / "server.key", directory / "api.key"};
    write_file(files.api_key, options.api_key + "\n", true);
    if (fs::exists(files.server_key)) return files;
    const testing::TestAuthority authority("Simulated web certificate authority");
    testing::Subject subject;
    subject.common_name = "signhub.simulated";
    subject.dns_names = {"localhost"};
    subject.ip_addresses = {"127.0.0.1"};
    subject.valid_to = std::chrono::hours{24 * 30};
    const testing::KeyPair server = authority.issue(subject);
    write_file(files.authority, authority.certificate_pem(), false);
    write_file(files.server, server.certificate_pem, false);
    write_file(files.server_key, server.key_pem, true);
    return files;
}

ssl::context make_tls(const SignhubFiles& files) {
    ssl::context tls(ssl::context::tls_server);
    tls.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
    tls.use_certificate_chain_file(files.server.string());
    tls.use_private_key_file(files.server_key.string(), ssl::context::pem);
    return tls;
}

microseconds epoch_of(const VirtualClock& clock) {
    const Moment now = clock.now();
    return now.wall - now.virtual_time;
}

}  // namespace

struct SignhubSimulator::Parts {
    asio::io_context loop{1};
    SignhubOptions options;
    SignhubFiles files;
    ssl::context tls;
    VirtualClock clock;
    FaultSwitches faults;
    SignhubWorld world;
    SignhubApi api;
    SignhubControl control_api;
    HttpServer https;
    HttpServer control_server;
    asio::signal_set signals;
    std::ofstream log;
    std::string root;
    std::string control;
    std::string ready;

    explicit Parts(SignhubOptions given)
        : options(std::move(given)),
          files(write_files(options)),
          tls(make_tls(files)),
          clock(options.clock_rate),
          faults({signhub_fault_names().begin(), signhub_fault_names().end()}, options.seed),
          world(options.rules, options.mix.first_id),
          api({options.api_key, options.pdf_size, options.documents, epoch_of(clock)}, world, faults),
          control_api({world, faults, clock, [this] { loop.stop(); }}),
          https(loop,
                {options.port, &tls, [this](Handshake outcome) { note(outcome); }, options.round_trip, largest_upload},
                [this](const Call& call) { return answer(call); }),
          control_server(
              loop, {.port = options.control_port}, [this](const Call& call) { return control_api.handle(call); }),
          signals(loop),
          root("https://127.0.0.1:" + std::to_string(https.port()) + std::string{SignhubApi::base}),
          control("http://127.0.0.1:" + std::to_string(control_server.port())) {
        if (!options.log.empty()) log.open(options.log, std::ios::app);
        for (const std::string& fault : options.faults)
            faults.set(fault);
        for (FlowPlan& plan : planned_flows(options))
            world.add(std::move(plan));
        const nlohmann::ordered_json line{{"root", root},
                                          {"control", control},
                                          {"flows", options.mix.flows},
                                          {"first_id", options.mix.first_id},
                                          {"ca", files.authority},
                                          {"api_key_file", files.api_key}};
        ready = line.dump();
    }

    void note(Handshake outcome) {
        world.count(outcome == Handshake::succeeded ? Count::tls_handshakes : Count::tls_handshakes_failed);
    }

    Reply answer(const Call& call) {
        const Moment now = clock.now();
        Reply reply = api.handle(call, now);
        if (log.is_open()) {
            log << now.wall.count() / 1000 << ' ' << call.method << ' ' << call.target.substr(0, call.target.find('?'))
                << ' ' << reply.status << ' ' << reply.body().size() << '\n'
                << std::flush;
        }
        return reply;
    }
};

SignhubSimulator::SignhubSimulator(SignhubOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {
    // Whoever waits for the file never sees an older one or half of it.
    const fs::path unfinished = parts_->options.directory / "simulator.json.new";
    std::ofstream(unfinished) << parts_->ready << '\n';
    fs::rename(unfinished, parts_->options.directory / "simulator.json");
    parts_->https.start();
    parts_->control_server.start();
}

SignhubSimulator::~SignhubSimulator() = default;

const std::string& SignhubSimulator::root() const {
    return parts_->root;
}
const std::string& SignhubSimulator::control() const {
    return parts_->control;
}
const fs::path& SignhubSimulator::authority() const {
    return parts_->files.authority;
}
const std::string& SignhubSimulator::ready_line() const {
    return parts_->ready;
}

void SignhubSimulator::run() {
    parts_->loop.run();
}
void SignhubSimulator::stop() {
    parts_->loop.stop();
}

void SignhubSimulator::stop_on_signals() {
    parts_->signals.add(SIGTERM);
    parts_->signals.add(SIGINT);
    parts_->signals.async_wait([this](const boost::system::error_code& error, int) {
        if (!error) stop();
    });
}

}  // namespace signwatch::simulator::signhub
