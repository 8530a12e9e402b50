#pragma once

#include <memory>
#include <optional>

#include "tests/simulator/signhub/options.hpp"

namespace CLI {
class App;
}

namespace signwatch::simulator::signhub {

/// The subcommand `signhub` of the command line.
class SignhubCommand {
public:
    explicit SignhubCommand(CLI::App& app);
    ~SignhubCommand();
    SignhubCommand(const SignhubCommand&) = delete;
    SignhubCommand& operator=(const SignhubCommand&) = delete;

    /// After the command line was parsed: its options if it was this subcommand. Throws CLI::ValidationError.
    std::optional<SignhubOptions> options() const;

private:
    struct Raw;
    CLI::App& command_;
    std::unique_ptr<Raw> raw_;
};

}  // namespace signwatch::simulator::signhub
