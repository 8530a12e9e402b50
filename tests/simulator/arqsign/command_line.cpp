#include "tests/simulator/arqsign/command_line.hpp"

#include <cmath>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "tests/simulator/arqsign/faults.hpp"
#include "tests/simulator/fault_switches.hpp"

namespace signwatch::simulator {

void declare_arqsign(CLI::App& arqsign, ArqSignOptions& options) {
    arqsign.add_option("--directory", options.directory, "where certificates, keys and simulator.json are written")
        ->required();
    arqsign.add_option("--port", options.port, "HTTPS port (0: any free one)");
    arqsign.add_option("--files-port", options.files_port, "HTTPS port of the host where linked files lie");
    arqsign.add_option("--control-port", options.control_port, "port of the control API, plain HTTP");
    arqsign.add_option("--clock-rate", options.clock_rate, "how much faster the virtual clock runs")
        ->check(CLI::PositiveNumber);
    arqsign.add_option("--per-second", options.limits.per_second, "calls in any second (virtual); 0: no limit");
    arqsign.add_option("--per-minute", options.limits.per_minute, "calls in any minute");
    arqsign.add_option("--per-hour", options.limits.per_hour, "calls in any hour");
    arqsign.add_option("--per-month", options.limits.per_month, "calls in any 31 days");
    arqsign.add_flag("!--count-only", options.enforce, "answer calls over a limit all the same");
    arqsign.add_flag("--quota-403", options.quota_as_403, "hour and month: 403 with words about a quota, not 429");
    arqsign.add_flag("!--no-retry-after", options.name_wait, "refusals do not say how long to wait in a header");
    arqsign.add_option_function<double>(
        "--agreed-interval",
        [&options](double seconds) { options.agreed_interval = microseconds{std::llround(seconds * 1e6)}; },
        "s (virtual) that two looks at one process must be apart");
    arqsign.add_option("--document-size", options.document_size, "bytes of a document, about");
    arqsign.add_option_function<double>(
        "--hook-answer-limit",
        [&options](double seconds) { options.hook_answer_limit = microseconds{std::llround(seconds * 1e6)}; },
        "s (real) that the answer to a notification is waited for");
    arqsign.add_option("--hook-ca", options.hook_authority, "authority of the listener's certificate, if not our own")
        ->check(CLI::ExistingFile);
    arqsign.add_option("--fault", options.faults, "NAME, NAME:0.2, NAME:3 or NAME:each (GET /faults lists the names)")
        ->check([](const std::string& fault) {
            try {
                FaultSwitches(arqsign_fault_names()).set(fault);
                return std::string();
            } catch (const std::invalid_argument& error) {
                return std::string(error.what());
            }
        });
    arqsign.add_option("--seed", options.seed, "of ids, keys and random faults");
    arqsign.add_option("--log", options.log, "file that gets one line for each call");
}

}  // namespace signwatch::simulator
