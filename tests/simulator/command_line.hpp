#pragma once

#include <optional>

#include "tests/simulator/adobe_options.hpp"
#include "tests/simulator/arqsign_options.hpp"
#include "tests/simulator/options.hpp"
#include "tests/simulator/signhub_options.hpp"

namespace signwatch::simulator {

/// The options of `signwatch-simulator posten ...` or of another provider; or else the exit code, after help or a
/// complaint was printed.
struct CommandLine {
    std::optional<Options> options{};
    std::optional<ArqSignOptions> arqsign{};
    std::optional<signhub::SignhubOptions> signhub{};
    std::optional<adobe::AdobeOptions> adobe{};
    int exit_code = 0;
};
CommandLine read_command_line(int argument_count, const char* const* arguments);

}  // namespace signwatch::simulator
