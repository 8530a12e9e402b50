#include "tests/simulator/command_line.hpp"

#include <CLI/CLI.hpp>

#include "tests/simulator/adobe/command_line.hpp"
#include "tests/simulator/arqsign/command_line.hpp"
#include "tests/simulator/posten/command_line.hpp"
#include "tests/simulator/signhub/command_line.hpp"

namespace signwatch::simulator {

CommandLine read_command_line(int argument_count, const char* const* arguments) {
    CLI::App app("Imitates the service of an e-signature provider, and watches its client.", "signwatch-simulator");
    app.require_subcommand(1);
    const PostenCommand posten_command(app);
    const signhub::SignhubCommand signhub_command(app);
    CLI::App& arqsign = *app.add_subcommand("arqsign", "ArqSign over HTTPS, with keys and quotas");
    ArqSignOptions arqsign_options;
    declare_arqsign(arqsign, arqsign_options);
    CLI::App& adobe = *app.add_subcommand("adobe", "Adobe Acrobat Sign over HTTPS, with OAuth");
    adobe::AdobeOptions adobe_options;
    adobe::declare_adobe(adobe, adobe_options);
    try {
        app.parse(argument_count, arguments);
        if (auto chosen = posten_command.options()) return {.posten = std::move(chosen)};
        if (auto chosen = signhub_command.options()) return {.signhub = std::move(chosen)};
    } catch (const CLI::ParseError& error) {
        return {.exit_code = app.exit(error) == 0 ? 0 : 2};
    }
    if (adobe.parsed()) return {.adobe = std::move(adobe_options)};
    return {.arqsign = std::move(arqsign_options)};
}

}  // namespace signwatch::simulator
