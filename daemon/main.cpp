#include <malloc.h>

#include "daemon/application.hpp"
#include "daemon/cli/command_line.hpp"
#include "providers/all_providers.hpp"

namespace {

// By default the heap gives its end back to the kernel whenever 128 KiB are free there, and fetches it again for the
// next answers: a fifth of the CPU of a look.
void keep_free_memory() {
    constexpr int kept = 4 << 20;
    constexpr int growth = 256 << 10;
    ::mallopt(M_TRIM_THRESHOLD, kept);
    ::mallopt(M_TOP_PAD, growth);
}

}  // namespace

int main(int argc, char** argv) {
    keep_free_memory();
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
