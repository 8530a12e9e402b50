#include "daemon/cli/command_line.hpp"
#include "providers/posten/factory.hpp"

namespace {

int no_daemon(const signwatch::cli::RunOptions&) {
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    const auto posten = signwatch::posten::make_factory();
    const auto context = signwatch::cli::production_context({posten.get()}, no_daemon);
    return signwatch::cli::run_command_line(argc, argv, context);
}
