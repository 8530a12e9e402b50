#include "tests/simulator/adobe/command_line.hpp"

#include <charconv>
#include <cmath>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "tests/simulator/adobe/faults.hpp"
#include "tests/simulator/fault_switches.hpp"

namespace signwatch::simulator::adobe {
namespace {

void seconds_option(CLI::App& app, const std::string& name, microseconds& value, const std::string& what) {
    app.add_option_function<double>(
        name, [&value](double seconds) { value = microseconds{std::llround(seconds * 1e6)}; }, what);
}

// "3/60": three in 60 s.
void read_identical(const std::string& text, CallRules& rules) {
    const auto slash = text.find('/');
    const char* const end = text.data() + text.size();
    int seconds = 0;
    const auto count = std::from_chars(text.data(), end, rules.identical);
    const auto window = slash == std::string::npos ? std::from_chars_result{text.data(), std::errc::invalid_argument}
                                                   : std::from_chars(text.data() + slash + 1, end, seconds);
    const bool good = count.ec == std::errc{} && window.ec == std::errc{} && window.ptr == end &&
                      count.ptr == text.data() + slash && rules.identical >= 0 && seconds > 0;
    if (!good) throw CLI::ValidationError("--identical", "N/SECONDS, e.g. 3/60 or 1/600");
    rules.identical_window = std::chrono::seconds{seconds};
}

void declare_rules(CLI::App& adobe, AdobeOptions& options) {
    CallRules& calls = options.calls;
    adobe.add_option_function<std::string>(
        "--identical",
        [&calls](const std::string& text) { read_identical(text, calls); },
        "identical GETs that are answered in so many s (virtual): 3/60 or 1/600; 0/1: any number");
    adobe.add_flag("!--no-penalty", calls.penalty, "asking again too early does not begin the wait anew");
    adobe.add_option("--per-minute", calls.per_minute, "calls of a user in any minute (virtual); 0: no limit");
    adobe.add_option("--search-per-minute", calls.search_per_minute, "searches in any minute; 0: no limit");
    adobe.add_option("--search-per-hour", calls.search_per_hour, "searches in any hour");
    adobe.add_option("--search-per-day", calls.search_per_day, "searches in any day");
    seconds_option(adobe, "--token-life", options.tokens.access_life, "s (virtual) that an access token is taken");
    seconds_option(adobe, "--refresh-life", options.tokens.refresh_life, "s (virtual) without use, of refresh tokens");
    seconds_option(adobe, "--refresh-grace", options.tokens.grace, "s (virtual) that a rotated refresh token is taken");
    adobe.add_flag("!--no-rotation", options.tokens.rotate, "a refresh gives no new refresh token");
    seconds_option(adobe, "--lag", options.lag, "s (virtual) that list and search are behind");
    seconds_option(adobe, "--document-after", options.document_after, "s (virtual) from an end to its document");
}

void declare_hooks(CLI::App& adobe, AdobeOptions& options) {
    seconds_option(adobe, "--hook-first", options.hooks.first, "s (virtual) until a notification is sent again");
    seconds_option(adobe, "--hook-cap", options.hooks.cap, "s (virtual) between two attempts at most");
    seconds_option(adobe, "--hook-horizon", options.hooks.horizon, "s (virtual) of attempts");
    seconds_option(adobe, "--hook-disable-after", options.hooks.disable_after, "s (virtual) without a success");
    seconds_option(adobe, "--hook-answer-limit", options.hooks.answer_limit, "s (real) that an answer is waited for");
    adobe.add_option("--hook-ca", options.hook_authority, "authority of the listener's certificate, if not our own")
        ->check(CLI::ExistingFile);
    adobe.add_flag("!--hook-no-certificate", options.hook_certificate, "notifications come without our certificate");
}

}  // namespace

void declare_adobe(CLI::App& adobe, AdobeOptions& options) {
    adobe.add_option("--directory", options.directory, "where certificates, secrets and simulator.json are written")
        ->required();
    adobe.add_option("--port", options.port, "HTTPS port of the bootstrap host (0: any free one)");
    adobe.add_option("--control-port", options.control_port, "port of the control API, plain HTTP");
    adobe.add_option("--clock-rate", options.clock_rate, "how much faster the virtual clock runs")
        ->check(CLI::PositiveNumber);
    declare_rules(adobe, options);
    declare_hooks(adobe, options);
    adobe.add_option("--page-limit", options.page_limit, "most lines of a page of list and search")
        ->check(CLI::PositiveNumber);
    adobe.add_option("--document-size", options.document_size, "bytes of a signed PDF, about");
    adobe.add_option("--documents", options.documents, "how many distinct PDFs there are (0: one for each agreement)");
    adobe.add_option("--fault", options.faults, "NAME, NAME:0.2, NAME:3 or NAME:each (GET /faults lists the names)")
        ->check([](const std::string& fault) {
            try {
                FaultSwitches(adobe_fault_names()).set(fault);
                return std::string();
            } catch (const std::invalid_argument& error) {
                return std::string(error.what());
            }
        });
    adobe.add_option("--seed", options.seed, "of ids, tokens and random faults");
    adobe.add_option("--log", options.log, "file that gets one line for each call");
}

}  // namespace signwatch::simulator::adobe
