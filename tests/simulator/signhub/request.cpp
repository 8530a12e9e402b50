#include "tests/simulator/signhub/request.hpp"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

namespace signwatch::simulator::signhub {
namespace {

using nlohmann::json;

constexpr std::string_view zero_session = "00000000-0000-0000-0000-000000000000";

bool is_request_id(std::string_view text) {
    return text.size() == 21 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
           });
}

std::string text_of(const json& body, const char* name) {
    const auto found = body.find(name);
    return found != body.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string_view parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto end = query.find('&');
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
            return pair.substr(name.size() + 1);
    }
    return {};
}

}  // namespace

std::optional<SignhubRequest> read_status_request(const Call& call) {
    if (!call.header("Content-Type").starts_with("application/json")) return std::nullopt;
    const json body = json::parse(call.body, nullptr, false);
    if (!body.is_object()) return std::nullopt;
    const auto flow = body.find("flowId");
    if (flow == body.end() || !flow->is_number_integer()) return std::nullopt;
    const std::string language = text_of(body, "displayLanguage");
    SignhubRequest request{.flow = flow->get<std::int64_t>(), .id = text_of(body, "requestId")};
    const bool proper = text_of(body, "loginSessionId") == zero_session && is_request_id(request.id) &&
                        (language == "tr" || language == "en");
    return proper ? std::optional(std::move(request)) : std::nullopt;
}

std::optional<SignhubRequest> read_download_request(std::string_view query) {
    SignhubRequest request{.flow = 0, .id = std::string{parameter(query, "requestId")}};
    const std::string_view number = parameter(query, "flowId");
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), request.flow);
    const bool whole = error == std::errc{} && end == number.data() + number.size();
    const bool proper = whole && parameter(query, "loginSessionId") == zero_session && is_request_id(request.id);
    return proper ? std::optional(std::move(request)) : std::nullopt;
}

std::optional<std::string_view> file_in(const Call& call) {
    constexpr std::string_view type = "multipart/form-data; boundary=";
    const std::string_view content_type = call.header("Content-Type");
    if (!content_type.starts_with(type)) return std::nullopt;
    const std::string delimiter = "--" + std::string{content_type.substr(type.size())};
    const auto head_end = call.body.find("\r\n\r\n");
    const auto tail = call.body.rfind("\r\n" + delimiter + "--");
    if (!call.body.starts_with(delimiter) || head_end == std::string_view::npos || tail == std::string_view::npos ||
        tail < head_end + 4)
        return std::nullopt;
    if (call.body.substr(0, head_end).find("name=\"file\"") == std::string_view::npos) return std::nullopt;
    return call.body.substr(head_end + 4, tail - head_end - 4);
}

}  // namespace signwatch::simulator::signhub
