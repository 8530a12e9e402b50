#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "tests/simulator/virtual_clock.hpp"

/// What the command lines of the simulators say in words. Errors are CLI::ValidationError that names the option.
namespace signwatch::simulator {

microseconds seconds(double value);

int number_in(const std::string& text, const std::string& option);

/// "2" or "1..3": least and most, from 1 to `limit`.
std::pair<int, int> range_in(const std::string& text, const std::string& option, int limit);

/// "completed=80,failed=20": words that `named` knows, and their weights.
template <typename Word>
std::vector<std::pair<Word, int>> weights_in(const std::string& text,
                                             std::optional<Word> (*named)(std::string_view),
                                             const std::string& example) {
    std::vector<std::pair<Word, int>> weights;
    int sum = 0;
    for (const std::string& part : CLI::detail::split(text, ',')) {
        const auto equals = part.find('=');
        const auto word = named(part.substr(0, equals));
        if (!word || equals == std::string::npos) throw CLI::ValidationError("--mix", "e.g. " + example);
        sum += weights.emplace_back(*word, number_in(part.substr(equals + 1), "--mix")).second;
    }
    if (sum <= 0) throw CLI::ValidationError("--mix", "the weights must have a positive sum");
    return weights;
}

}  // namespace signwatch::simulator
