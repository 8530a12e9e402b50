#include "tests/simulator/posten/target.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace signwatch::simulator {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const auto end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number > 0;
}

std::optional<std::string> queue_in(std::string_view query) {
    for (const std::string_view parameter : split(query, '&')) {
        const auto equals = parameter.find('=');
        if (parameter.substr(0, equals) != "polling_queue") continue;
        return equals == std::string_view::npos ? "" : percent_decoded(parameter.substr(equals + 1));
    }
    return "";
}

TargetKind resource_kind(const std::vector<std::string_view>& parts, Target& target) {
    if (!read_number(parts[5], target.job)) return TargetKind::unknown;
    if (parts.size() == 7 && parts[6] == "complete") return TargetKind::confirm;
    if (parts.size() == 7 && parts[6] == "cancel" && target.flow == Flow::portal) return TargetKind::cancel;
    if (parts.size() == 7 && parts[6] == "pades") return TargetKind::pades;
    if (parts.size() == 8 && parts[6] == "xades" && read_number(parts[7], target.signer)) return TargetKind::xades;
    return TargetKind::unknown;
}

bool is_organisation_number(std::string_view text) {
    return text.size() == 9 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            result += text[i] == '+' ? ' ' : text[i];
            continue;
        }
        unsigned value = 0;
        if (i + 2 >= text.size()) return std::nullopt;
        const auto [end, error] = std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
        if (error != std::errc{} || end != text.data() + i + 3) return std::nullopt;
        result += static_cast<char>(value);
        i += 2;
    }
    return result;
}

Target read_target(std::string_view text) {
    Target target;
    const auto question = text.find('?');
    target.path = text.substr(0, question);
    const auto parts = split(target.path, '/');  // "", "api", organisation, flow, "signature-jobs", job, ...
    if (parts.size() < 3 || parts[1] != "api" || !is_organisation_number(parts[2])) return target;
    target.organisation = parts[2];
    if (parts.size() == 3) target.kind = TargetKind::organisation;
    if (parts.size() < 5 || parts[4] != "signature-jobs") return target;
    const auto flow = flow_named(parts[3]);
    if (!flow) return target;
    target.flow = *flow;
    if (parts.size() > 5) {
        target.kind = resource_kind(parts, target);
    } else if (auto queue = queue_in(question == std::string_view::npos ? "" : text.substr(question + 1))) {
        target.queue = std::move(*queue);
        target.kind = TargetKind::queue;
    }
    return target;
}

}  // namespace signwatch::simulator
