#include "tests/simulator/signhub/command_line.hpp"

#include "tests/simulator/fault_switches.hpp"
#include "tests/simulator/option_words.hpp"
#include "tests/simulator/signhub/faults.hpp"

namespace signwatch::simulator::signhub {

/// The options, and what the command line says in other words than they do.
struct SignhubCommand::Raw {
    SignhubOptions options;
    std::string items = "1";
    std::string mix = "finished=100";
    std::string limits = "on";
    double window_s = 0;
    double step_s = 0;
    double min_interval_s = 0;
    double disagree_s = 0;
    double document_after_s = 0;
    double round_trip_ms = 0;
};

namespace {

void declare_flows(CLI::App& app, FlowMix& mix) {
    app.add_option("--flows", mix.flows, "flows at the start")->check(CLI::NonNegativeNumber);
    app.add_option("--first-id", mix.first_id, "id of the first flow; the others follow it")
        ->check(CLI::PositiveNumber);
    app.add_option("--changing", mix.changing, "percent of the flows that change at all")->check(CLI::Range(0, 100));
}

void declare_limits(CLI::App& app, WindowLimits& limits) {
    app.add_option("--per-second", limits.per_second, "calls permitted in any second (real time; 0: no limit)");
    app.add_option("--per-minute", limits.per_minute, "in any minute");
    app.add_option("--per-hour", limits.per_hour, "in any hour");
    app.add_option("--per-day", limits.per_day, "in any 24 hours");
    app.add_option("--per-month", limits.per_month, "in any 31 days");
}

}  // namespace

SignhubCommand::SignhubCommand(CLI::App& app)
    : command_(*app.add_subcommand("signhub", "SignHub over HTTPS with an API key")), raw_(std::make_unique<Raw>()) {
    SignhubOptions& options = raw_->options;
    command_.add_option("--directory", options.directory, "where ca.pem, api.key and simulator.json are written")
        ->required();
    command_.add_option("--port", options.port, "HTTPS port (0: any free one)");
    command_.add_option("--control-port", options.control_port, "port of the control API (0: any free one)");
    command_.add_option("--api-key", options.api_key, "the key that calls have to carry");
    declare_flows(command_, options.mix);
    command_.add_option("--items", raw_->items, "signers of a flow, e.g. 2 or 1..3");
    command_.add_option("--mix", raw_->mix, "weights of the endings, e.g. finished=80,declined=10,cancelled=10");
    command_.add_option("--window", raw_->window_s, "s (virtual) over which the first changes are spread");
    command_.add_option("--step", raw_->step_s, "s (virtual) between two signatures of a flow");
    command_.add_option("--disagree", raw_->disagree_s, "s (virtual) that a finished flow shows an open signature");
    command_.add_option("--document-after", raw_->document_after_s, "s (virtual) from its end to its document");
    command_.add_flag("--portal-steps", options.rules.portal_steps, "signers are seen opening the portal and reading");
    command_.add_option("--min-interval", raw_->min_interval_s, "s (virtual) agreed between two looks at a flow");
    declare_limits(command_, options.rules.limits);
    command_.add_option("--limits", raw_->limits, "count: calls over a limit are counted, but answered")
        ->check(CLI::IsMember({"on", "count"}));
    command_.add_option("--clock-rate", options.clock_rate, "how much faster the virtual clock runs")
        ->check(CLI::PositiveNumber);
    command_.add_option("--pdf-size", options.pdf_size, "bytes of a signed PDF, about");
    command_.add_option("--documents", options.documents, "how many distinct PDFs there are (0: one for each flow)");
    command_.add_option("--rtt", raw_->round_trip_ms, "ms that every answer is delayed");
    command_.add_option("--fault", options.faults, "NAME, NAME:0.2, NAME:3 or NAME:each (repeatable)");
    command_.add_option("--seed", options.seed, "of the mix and of random faults");
    command_.add_option("--log", options.log, "file that gets one line for each call");
}

SignhubCommand::~SignhubCommand() = default;

std::optional<SignhubOptions> SignhubCommand::options() const {
    if (!command_.parsed()) return std::nullopt;
    SignhubOptions options = raw_->options;
    options.mix.items = range_in(raw_->items, "--items", 20);
    options.mix.weights =
        weights_in<Ending>(raw_->mix, ending_named, "finished=80,passed=5,declined=5,cancelled=5,running=5");
    options.mix.window = seconds(raw_->window_s);
    options.mix.step = seconds(raw_->step_s);
    options.rules.enforce = raw_->limits == "on";
    options.rules.min_interval = seconds(raw_->min_interval_s);
    options.rules.disagree = seconds(raw_->disagree_s);
    options.rules.document_after = seconds(raw_->document_after_s);
    options.round_trip = seconds(raw_->round_trip_ms / 1000);
    FaultSwitches checked({signhub_fault_names().begin(), signhub_fault_names().end()});
    for (const std::string& fault : options.faults) {
        try {
            checked.set(fault);
        } catch (const std::invalid_argument& error) {
            throw CLI::ValidationError("--fault", error.what());
        }
    }
    return options;
}

}  // namespace signwatch::simulator::signhub
