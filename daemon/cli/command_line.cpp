#include "daemon/cli/command_line.hpp"

#include "core/config/config_error.hpp"
#include "daemon/cli/exit_code.hpp"
#include "daemon/cli/grammar.hpp"
#include "daemon/cli/output.hpp"

namespace signwatch::cli {
namespace {

int complain(std::ostream& err, const std::string& what, ExitCode code) {
    err << "signwatch: " << what << '\n';
    return static_cast<int>(code);
}

// Line by line: the line breaks of a message are ours, what stands between them may not be.
std::string printable_lines(const std::string& text) {
    std::string result;
    for (std::size_t begin = 0; begin <= text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        result += (begin == 0 ? "" : "\n") + printable(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return result;
}

}  // namespace

int run_command_line(int argc, const char* const* argv, const Context& context) {
    try {
        const auto meaning = parse_command_line(argc, argv, *context.out, *context.err);
        return meaning.command ? meaning.command(context) : meaning.exit_code;
    } catch (const config::ConfigError& error) {
        *context.err << printable_lines(error.what()) << '\n';
        return static_cast<int>(ExitCode::configuration);
    } catch (const Error& error) {
        return complain(*context.err, printable_lines(error.what()), exit_code_for(error.kind()));
    } catch (const std::exception& error) {
        return complain(*context.err, printable_lines(error.what()), ExitCode::runtime);
    }
}

}  // namespace signwatch::cli
