#include "tests/simulator/option_words.hpp"

#include <cmath>
#include <stdexcept>

namespace signwatch::simulator {

microseconds seconds(double value) {
    return microseconds{std::llround(value * 1e6)};
}

int number_in(const std::string& text, const std::string& option) {
    std::size_t used = 0;
    int value = 0;
    try {
        value = std::stoi(text, &used);
    } catch (const std::logic_error&) {
        used = 0;
    }
    if (used == 0 || used != text.size()) throw CLI::ValidationError(option, "not a number: '" + text + "'");
    return value;
}

std::pair<int, int> range_in(const std::string& text, const std::string& option, int limit) {
    const auto dots = text.find("..");
    const int least = number_in(text.substr(0, dots), option);
    const int most = dots == std::string::npos ? least : number_in(text.substr(dots + 2), option);
    if (least < 1 || most > limit || least > most)
        throw CLI::ValidationError(option, "1 to " + std::to_string(limit) + ", or e.g. 1..3");
    return {least, most};
}

}  // namespace signwatch::simulator
