#pragma once

#include <memory>
#include <optional>

#include "tests/simulator/posten/options.hpp"

namespace CLI {
class App;
}

namespace signwatch::simulator {

/// The subcommand `posten` of the command line.
class PostenCommand {
public:
    explicit PostenCommand(CLI::App& app);
    ~PostenCommand();
    PostenCommand(const PostenCommand&) = delete;
    PostenCommand& operator=(const PostenCommand&) = delete;

    /// After the command line was parsed: its options if it was this subcommand. Throws CLI::ValidationError.
    std::optional<PostenOptions> options() const;

private:
    struct Raw;
    CLI::App& command_;
    std::unique_ptr<Raw> raw_;
};

}  // namespace signwatch::simulator
