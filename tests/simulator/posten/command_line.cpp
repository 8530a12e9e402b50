#include "tests/simulator/posten/command_line.hpp"

#include "tests/simulator/option_words.hpp"
#include "tests/simulator/posten/faults.hpp"

namespace signwatch::simulator {
namespace {

/// What the command line says in other words than PostenOptions.
struct Words {
    std::string flow = "portal";
    std::string signers = "1";
    std::string mix = "completed=100";
    std::string limits = "on";
    double interval_ms = 0;
    double round_trip_ms = 0;
    double empty_s = 600;
    double requeue_s = 600;
    double penalty_s = 1;
    std::vector<std::string> queues;
    std::vector<std::string> organisations;
};

void declare(CLI::App& posten, PostenOptions& options, Words& raw) {
    posten.add_option("--directory", options.directory, "where certificates and simulator.json are written")
        ->required();
    posten.add_option("--port", options.port, "HTTPS port (0: any free one)");
    posten.add_option("--control-port", options.control_port, "port of the control API, plain HTTP (0: any free one)");
    posten.add_option(
        "--organisation", raw.organisations, "organisation number that the client may act for (repeatable)");
    posten.add_option(
        "--server-organisation", options.server_organisation, "organisation number in the server certificate");
    posten.add_flag("--rsa", options.rsa, "RSA instead of ECDSA certificates");
    posten.add_option("--jobs", options.mix.jobs, "jobs at the start");
    posten.add_option("--queue", raw.queues, "polling queue of the jobs (repeatable; '' is the default queue)");
    posten.add_option("--flow", raw.flow, "portal, direct or both")->check(CLI::IsMember({"portal", "direct", "both"}));
    posten.add_option("--signers", raw.signers, "signers of a job, e.g. 2 or 1..3");
    posten.add_option("--mix", raw.mix, "weights of the scenarios, e.g. completed=80,failed=10,in_progress=10");
    posten.add_option("--interval", raw.interval_ms, "ms between the first updates of the jobs (0: all at once)");
    posten.add_flag("--pades-in-progress", options.mix.pades_in_progress, "offer the unfinished PAdES as well");
    posten.add_option("--pades-size", options.pades_size, "bytes of a PAdES, about");
    posten.add_option("--xades-size", options.xades_size, "bytes of an XAdES, about");
    posten.add_flag("--pregenerate", options.pregenerate, "make all documents before getting ready");
    posten.add_option("--rtt", raw.round_trip_ms, "ms that every answer is delayed");
    posten.add_option("--limits", raw.limits, "off: no permitted times, no call budget; gate: permitted times alone")
        ->check(CLI::IsMember({"on", "gate", "off"}));
    posten.add_option("--clock-rate", options.rules.clock_rate, "how much faster the virtual clock runs")
        ->check(CLI::PositiveNumber);
    posten.add_option("--empty-interval", raw.empty_s, "s (virtual) until the next poll after an empty queue");
    posten.add_option("--requeue-after", raw.requeue_s, "s (virtual) until an unconfirmed update is offered again");
    posten.add_option(
        "--gate-penalty", raw.penalty_s, "s (virtual) that a poll which is too early has to wait at least");
    posten.add_flag("--escalate", options.rules.escalate, "double that penalty each time");
    posten.add_flag(
        "--replace-queued", options.rules.replace_queued, "a newer change replaces a queued one of its job");
    posten.add_option("--confirm-status", options.confirm_status, "answer to a confirmation")
        ->check(CLI::IsMember({200, 204}));
    posten.add_option("--repeat-status", options.repeat_status, "answer to a repeated confirmation")
        ->check(CLI::IsMember({204, 404, 409}));
    posten.add_option(
        "--fault", options.faults, "NAME, NAME:0.2, NAME:3 or NAME:each (repeatable; GET /faults lists the names)");
    posten.add_option("--seed", options.seed, "of the mix and of random faults");
    posten.add_option("--log", options.log, "file that gets one line for each call");
}

void interpret(const Words& raw, PostenOptions& options) {
    if (!raw.queues.empty()) options.mix.queues = raw.queues;
    if (!raw.organisations.empty()) options.organisations = raw.organisations;
    if (raw.flow == "direct") options.mix.flows = {Flow::direct};
    if (raw.flow == "both") options.mix.flows = {Flow::portal, Flow::direct};
    options.mix.signers = range_in(raw.signers, "--signers", 10);
    options.mix.weights = weights_in<Scenario>(raw.mix, scenario_named, "completed=80,failed=10,in_progress=10");
    options.mix.interval = seconds(raw.interval_ms / 1000);
    options.round_trip = seconds(raw.round_trip_ms / 1000);
    options.rules.limits = raw.limits != "off";
    options.rules.call_budget = raw.limits == "on";
    options.rules.empty_interval = seconds(raw.empty_s);
    options.rules.requeue_after = seconds(raw.requeue_s);
    options.rules.gate_penalty = seconds(raw.penalty_s);
    Faults checked;
    for (const std::string& fault : options.faults) {
        try {
            checked.set(fault);
        } catch (const std::invalid_argument& error) {
            throw CLI::ValidationError("--fault", error.what());
        }
    }
}

}  // namespace

struct PostenCommand::Raw {
    PostenOptions options;
    Words words;
};

PostenCommand::PostenCommand(CLI::App& app)
    : command_(*app.add_subcommand("posten", "Posten signering over HTTPS with mutual TLS")),
      raw_(std::make_unique<Raw>()) {
    declare(command_, raw_->options, raw_->words);
}

PostenCommand::~PostenCommand() = default;

std::optional<PostenOptions> PostenCommand::options() const {
    if (!command_.parsed()) return std::nullopt;
    PostenOptions options = raw_->options;
    interpret(raw_->words, options);
    return options;
}

}  // namespace signwatch::simulator
