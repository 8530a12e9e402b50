#pragma once

#include <optional>

#include "tests/simulator/adobe/options.hpp"
#include "tests/simulator/arqsign/options.hpp"
#include "tests/simulator/posten/options.hpp"
#include "tests/simulator/signhub/options.hpp"

namespace signwatch::simulator {

/// The options of `signwatch-simulator posten ...` or of another provider; or else the exit code, after help or a
/// complaint was printed.
struct CommandLine {
    std::optional<PostenOptions> posten{};
    std::optional<ArqSignOptions> arqsign{};
    std::optional<signhub::SignhubOptions> signhub{};
    std::optional<adobe::AdobeOptions> adobe{};
    int exit_code = 0;
};
CommandLine read_command_line(int argument_count, const char* const* arguments);

}  // namespace signwatch::simulator
