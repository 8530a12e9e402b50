#include <nlohmann/json.hpp>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/output.hpp"

namespace signwatch::cli {
namespace {

#ifdef __clang__
constexpr const char* compiler = "clang " __clang_version__;
#else
constexpr const char* compiler = "g++ " __VERSION__;
#endif

#ifdef NDEBUG
constexpr const char* build = "release";
#else
constexpr const char* build = "debug";
#endif

}  // namespace

ExitCode show_version(bool json, const Context& context) {
    if (json) {
        print_json(*context.out, {{"version", SIGNWATCH_VERSION}, {"compiler", compiler}, {"build", build}});
    } else {
        *context.out << "signwatch " << SIGNWATCH_VERSION << " (" << build << ", " << compiler << ")\n";
    }
    return ExitCode::ok;
}

}  // namespace signwatch::cli
