#include "daemon/application.hpp"
#include "daemon/cli/command_line.hpp"
#include "providers/all_providers.hpp"

int main(int argc, char** argv) {
    const auto owned = signwatch::all_providers();
    std::vector<const signwatch::ProviderFactory*> factories;
    for (const auto& factory : owned)
        factories.push_back(factory.get());

    const auto run = [&factories](const signwatch::cli::RunOptions& options) {
        signwatch::daemon::Application application(options, factories);
        application.run();
        return 0;
    };
    return signwatch::cli::run_command_line(argc, argv, signwatch::cli::production_context(factories, run));
}
