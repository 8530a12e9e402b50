#include "tests/simulator/adobe/request.hpp"

#include <charconv>
#include <stdexcept>

namespace signwatch::simulator::adobe {
namespace {

std::string unescaped(std::string_view text, bool plus_is_blank) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            plain += plus_is_blank && text[at] == '+' ? ' ' : text[at];
            continue;
        }
        unsigned value = 0;
        const std::string_view digits = text.substr(at + 1, 2);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (error != std::errc{} || end != digits.data() + 2) throw std::invalid_argument("a broken escape");
        plain += static_cast<char>(value);
        at += 2;
    }
    return plain;
}

}  // namespace

std::string Target::parameter(const std::string& name, const std::string& fallback) const {
    const auto found = query.find(name);
    return found == query.end() ? fallback : found->second;
}

Target read_target(std::string_view target, std::string_view base) {
    target.remove_prefix(base.size());
    const auto question = target.find('?');
    std::string_view path = target.substr(0, question);
    Target result;
    while (!path.empty()) {
        path.remove_prefix(path.front() == '/' ? 1 : 0);
        const auto slash = path.find('/');
        result.path.push_back(unescaped(path.substr(0, slash), false));
        path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash);
    }
    if (question != std::string_view::npos) result.query = read_form(target.substr(question + 1));
    return result;
}

std::map<std::string, std::string> read_form(std::string_view text) {
    std::map<std::string, std::string> fields;
    while (!text.empty()) {
        const auto end = text.find('&');
        const std::string_view pair = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const auto equals = pair.find('=');
        const std::string_view value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
        fields[unescaped(pair.substr(0, equals), true)] = unescaped(value, true);
    }
    return fields;
}

}  // namespace signwatch::simulator::adobe
