#pragma once

#include "tests/simulator/adobe/options.hpp"

namespace CLI {
class App;
}

namespace signwatch::simulator::adobe {

/// Declares the options of `signwatch-simulator adobe`; they are filled in while the command line is parsed, and
/// checked: both outlive the parsing.
void declare_adobe(CLI::App& adobe, AdobeOptions& options);

}  // namespace signwatch::simulator::adobe
