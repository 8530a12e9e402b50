#include "daemon/cli/option_values.hpp"

#include <cstdlib>

#include <CLI/CLI.hpp>

namespace signwatch::cli {

KillPoint parse_kill_point(const std::string& text) {
    const auto colon = text.find(':');
    const auto count = colon == std::string::npos ? 1 : std::atoi(text.c_str() + colon + 1);
    for (int i = 0; i < step_count; ++i) {
        const auto step = static_cast<Step>(i);
        if (name_of(step) == text.substr(0, colon) && count >= 1) return {step, count};
    }
    throw CLI::ValidationError("--kill-at", "is STEP:COUNT");
}

EntryId parse_entry(const std::string& text) {
    const auto entry = parse_entry_id(text);
    if (!entry) throw CLI::ValidationError("--after", "is an entry id such as 1772618531120-0");
    return *entry;
}

config::Endpoint parse_address(const std::string& text) {
    const auto endpoint = config::parse_endpoint(text);
    if (!endpoint) throw CLI::ValidationError("--internal", "is host:port, [ipv6]:port or unix:/path");
    return *endpoint;
}

}  // namespace signwatch::cli
