#include "core/events/redis/redirection.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/domain/error.hpp"

namespace signwatch::redis {
namespace {

// What append_command has written: "*2\r\n$5\r\nWATCH\r\n$3\r\nkey\r\n".
std::size_t number_at(std::string_view text, std::size_t& at) {
    std::size_t number = 0;
    const auto [rest, error] = std::from_chars(text.data() + at + 1, text.data() + text.size(), number);
    at = static_cast<std::size_t>(rest - text.data()) + 2;
    return error == std::errc{} ? number : 0;
}

struct Written {
    std::string_view whole;
    std::string_view name;
};

Written take_command(std::string_view& commands) {
    std::size_t at = 0;
    std::string_view name;
    const std::size_t words = number_at(commands, at);
    for (std::size_t i = 0; i < words; ++i) {
        const std::size_t length = number_at(commands, at);
        if (i == 0) name = commands.substr(at, length);
        at += length + 2;
    }
    const Written command{commands.substr(0, at), name};
    commands.remove_prefix(std::min(at, commands.size()));
    return command;
}

// "3999 192.0.2.7:6381"; without a host it is the one that answers.
Address address_from(std::string_view text, const Address& from) {
    Address address;
    const std::string_view place = text.substr(text.find(' ') + 1);
    const std::size_t colon = place.rfind(':');
    if (colon != std::string_view::npos) {
        const std::string_view port = place.substr(colon + 1);
        const auto [rest, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
        address.host = colon == 0 ? from.host : std::string(place.substr(0, colon));
        const bool whole = error == std::errc{} && rest == port.data() + port.size();
        constexpr std::size_t longest_name = 253;
        if (whole && address.port > 0 && address.port <= 65'535 && address.host.size() <= longest_name &&
            address.host != "?")
            return address;
    }
    throw Error(ErrorKind::transient, "redis_protocol", "a node of the Redis Cluster leads nowhere");
}

}  // namespace

std::optional<Redirection> redirection_in(const std::vector<Value>& replies, const Address& from) {
    for (const Value& reply : replies) {
        if (!reply.is_error()) continue;
        const std::string_view text = reply.text;
        for (const std::string_view word : {"MOVED ", "ASK "}) {
            if (text.starts_with(word))
                return Redirection{address_from(text.substr(word.size()), from), word == "ASK "};
        }
    }
    return std::nullopt;
}

AskingCommands::AskingCommands(std::string_view commands) {
    bool in_transaction = false;
    for (std::size_t reply = 0; !commands.empty(); ++reply) {
        const Written command = take_command(commands);
        if (!in_transaction) {
            append_command(text_, {"ASKING"});
            asked_.push_back(reply++);
        }
        if (command.name == "MULTI") in_transaction = true;
        if (command.name == "EXEC") in_transaction = false;
        text_ += command.whole;
    }
}

std::vector<Value> AskingCommands::without_asking(std::vector<Value> replies) const {
    for (auto at = asked_.rbegin(); at != asked_.rend(); ++at)
        replies.erase(replies.begin() + static_cast<std::ptrdiff_t>(*at));
    return replies;
}

}  // namespace signwatch::redis
