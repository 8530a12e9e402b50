#include "providers/signhub/masking.hpp"

#include <algorithm>

namespace signwatch::signhub {
namespace {

constexpr std::size_t kept = 2'048;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The quoted text that begins at `at`, both quotes included; all the rest if it has no end.
std::string_view quoted_at(std::string_view body, std::size_t at) {
    for (std::size_t end = at + 1; end < body.size(); ++end) {
        if (body[end] == '\\')
            ++end;
        else if (body[end] == '"')
            return body.substr(at, end + 1 - at);
    }
    return body.substr(at);
}

bool is_member_name(std::string_view body, std::size_t after, std::string_view quoted) {
    const std::size_t next = body.find_first_not_of(" \t\r\n", after);
    const bool word =
        quoted.size() <= 66 && quoted.size() > 2 && std::ranges::all_of(quoted.substr(1, quoted.size() - 2), is_letter);
    return word && next != std::string_view::npos && body[next] == ':';
}

bool is_markup(std::string_view body) {
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos || (body[first] != '{' && body[first] != '[');
}

}  // namespace

std::string masked(std::string_view body) {
    body = body.substr(0, kept);
    const bool markup = is_markup(body);
    std::string out;
    for (std::size_t at = 0; at < body.size();) {
        const char c = body[at];
        if (c == '"' && !markup) {
            const std::string_view quoted = quoted_at(body, at);
            out += is_member_name(body, at + quoted.size(), quoted) ? std::string{quoted} : "\"*\"";
            at += quoted.size();
        } else if (is_digit(c) && !markup) {
            const std::size_t end = std::min(body.find_first_not_of("0123456789", at), body.size());
            out += end - at > 4 ? "*" : std::string{body.substr(at, end - at)};
            at = end;
        } else if (markup && c != '<') {
            // Of a page only its tags' names are kept.
            if (out.empty() || out.back() != '*') out += '*';
            ++at;
        } else if (markup) {
            out += c;
            for (++at; at < body.size() && (is_letter(body[at]) || body[at] == '/' || body[at] == '!'); ++at)
                out += body[at];
        } else {
            out += c >= ' ' && c <= '~' ? c : '*';
            ++at;
        }
    }
    return out;
}

}  // namespace signwatch::signhub
