#include "daemon/cli/option_values.hpp"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

namespace signwatch::cli {
namespace {

[[noreturn]] void throw_no_kill_point() {
    throw CLI::ValidationError("--kill-at", "is STEP:COUNT");
}

std::pair<std::string, int> split_kill_point(const std::string& text) {
    const auto colon = text.find(':');
    const int count = colon == std::string::npos ? 1 : std::atoi(text.c_str() + colon + 1);
    if (count < 1) throw_no_kill_point();
    return {text.substr(0, colon), count};
}

}  // namespace

KillPoint parse_kill_point(const std::string& text) {
    const auto [word, count] = split_kill_point(text);
    for (int i = 0; i < step_count; ++i) {
        const auto step = static_cast<Step>(i);
        if (name_of(step) == word) return {step, count};
    }
    throw_no_kill_point();
}

MoveKillPoint parse_move_kill_point(const std::string& text) {
    constexpr std::string_view steps[]{"leaving", "filling", "copied", "compared", "moved", "released"};
    const auto [word, count] = split_kill_point(text);
    const auto found = std::ranges::find(steps, word);
    if (found == std::end(steps)) throw_no_kill_point();
    return {static_cast<copy::MoveStep>(found - std::begin(steps)), count};
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
