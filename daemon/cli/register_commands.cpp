#include <fstream>
#include <iostream>
#include <map>

#include <nlohmann/json.hpp>

#include "core/config/configuration.hpp"
#include "core/domain/names.hpp"
#include "core/registry/registration_json.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/progress_bar.hpp"
#include "daemon/cli/registration_file.hpp"
#include "daemon/cli/store_access.hpp"

namespace signwatch::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t batch = 500;
constexpr std::size_t most_mistakes_shown = 20;

// What became of all of them.
struct Tally {
    std::map<std::string, std::size_t> outcomes{{"added", 0}, {"unchanged", 0}, {"changed", 0}, {"refused", 0}};
    std::vector<std::string> mistakes;

    void refuse(const std::string& mistake) {
        ++outcomes["refused"];
        if (mistakes.size() < most_mistakes_shown) mistakes.push_back(mistake);
    }
};

ExitCode report(const Tally& tally, bool json, const Context& context) {
    if (json) {
        Json document(tally.outcomes);
        document["mistakes"] = tally.mistakes;
        print_json(*context.out, document);
    } else {
        for (const std::string& mistake : tally.mistakes)
            *context.err << printable(mistake) << '\n';
        Facts facts;
        for (const auto& [outcome, count] : tally.outcomes)
            facts.add(outcome, std::to_string(count));
        facts.print(*context.out);
    }
    return tally.outcomes.at("refused") == 0 ? ExitCode::ok : ExitCode::runtime;
}

void add_batch(const config::Configuration& configuration,
               std::vector<RegistrationLine>& lines,
               const std::string& file,
               Tally& tally,
               const Context& context) {
    std::vector<Registration> registrations;
    for (RegistrationLine& line : lines)
        registrations.push_back(std::move(*line.registration));
    const auto replies = context.register_processes(configuration, std::move(registrations));
    for (std::size_t i = 0; i < replies.size(); ++i) {
        if (replies[i].accepted)
            ++tally.outcomes[std::string(name_of(replies[i].outcome))];
        else
            tally.refuse(file + ":" + std::to_string(lines[i].number) + ": " + replies[i].mistake);
    }
    lines.clear();
}

// What was added before a mistake, or before somebody pulled the plug, is there: doing it again changes nothing.
Tally add_file(const config::Configuration& configuration, const std::string& file, const Context& context) {
    std::ifstream opened;
    if (file != "-") {
        opened.open(file);
        if (!opened) throw Error(ErrorKind::permanent, "file_unreadable", "cannot read " + file);
    }
    ProgressBar bar(*context.err, file);
    RegistrationFile reader(file == "-" ? std::cin : opened);
    Tally tally;
    std::vector<RegistrationLine> lines;
    std::size_t count = 0;
    while (auto line = reader.next()) {
        ++count;
        if (!line->registration) {
            tally.refuse(file + ":" + std::to_string(line->number) + ": " + line->mistake);
            continue;
        }
        lines.push_back(std::move(*line));
        if (lines.size() < batch) continue;
        add_batch(configuration, lines, file, tally, context);
        bar.show(count, file == "-" ? std::streamoff{-1} : static_cast<std::streamoff>(opened.tellg()));
    }
    if (!lines.empty()) add_batch(configuration, lines, file, tally, context);
    bar.finish(count);
    return tally;
}

Registration registration_of(const RegisterOptions& options) {
    Registration registration;
    registration.account = options.account;
    registration.process_id = options.process_id;
    registration.correlation_id = options.correlation_id;
    if (!options.deadline.empty()) {
        registration.deadline = parse_iso8601(options.deadline);
        if (!registration.deadline)
            throw Error(ErrorKind::permanent, "usage", "--deadline is a moment such as 2026-12-24T18:00:00Z");
    }
    if (!options.interval.empty()) {
        registration.interval = registry::read_interval(options.interval);
        if (!registration.interval)
            throw Error(ErrorKind::permanent, "usage", "--interval is a duration such as 90s, 5m, 24h or 7d");
    }
    for (const std::string& label : options.labels) {
        const auto equals = label.find('=');
        if (equals == std::string::npos) throw Error(ErrorKind::permanent, "usage", "--label is NAME=VALUE");
        registration.labels.push_back({label.substr(0, equals), label.substr(equals + 1)});
    }
    return registration;
}

ExitCode add_one(const config::Configuration& configuration, const RegisterOptions& options, const Context& context) {
    const auto reply = context.register_processes(configuration, {registration_of(options)}).at(0);
    if (!reply.accepted) throw Error(ErrorKind::permanent, "refused", reply.mistake);
    const std::string outcome(name_of(reply.outcome));
    if (options.common.json)
        print_json(*context.out, {{"outcome", outcome}});
    else
        *context.out << options.account << ' ' << printable(options.process_id) << ": " << outcome << '\n';
    return ExitCode::ok;
}

}  // namespace

ExitCode add_processes(const RegisterOptions& options, const Context& context) {
    const bool one = options.file.empty();
    if (one == (options.account.empty() || options.process_id.empty() || options.correlation_id.empty()))
        throw Error(ErrorKind::permanent, "usage", "name ACCOUNT, PROCESS and --correlation-id, or a --file");
    const auto configuration = config::load(options.common.config_path, context.providers, config::FileChecks::none);
    open_view(configuration.store, context);
    if (one) return add_one(configuration, options, context);
    return report(add_file(configuration, options.file, context), options.common.json, context);
}

ExitCode order_process(const OrderOptions& options, const Context& context) {
    const auto store = find_store(options.process.common, context);
    open_view(store, context);
    const auto outcome =
        context.order_process(store, options.process.account, options.process.process_id, options.order);
    if (outcome == OrderOutcome::unknown) {
        throw Error(ErrorKind::permanent,
                    "not_found",
                    "account " + options.process.account + " has no process " + options.process.process_id);
    }
    if (outcome == OrderOutcome::not_watched) {
        throw Error(ErrorKind::permanent,
                    "not_watched",
                    "process " + options.process.process_id +
                        " is not looked at on its own: a queue brings it, it has ended, or it is paused");
    }
    if (options.process.common.json)
        print_json(*context.out, {{"ordered", name_of(options.order)}});
    else
        *context.out << options.process.account << ' ' << printable(options.process.process_id) << ": "
                     << name_of(options.order) << '\n';
    return ExitCode::ok;
}

}  // namespace signwatch::cli
