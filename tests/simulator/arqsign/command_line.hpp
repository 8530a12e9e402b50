#pragma once

#include <memory>

#include "tests/simulator/arqsign/options.hpp"

namespace CLI {
class App;
}

namespace signwatch::simulator {

/// Declares the options of `signwatch-simulator arqsign`; they are filled in while the command line is parsed, and
/// checked: both outlive the parsing.
void declare_arqsign(CLI::App& arqsign, ArqSignOptions& options);

}  // namespace signwatch::simulator
