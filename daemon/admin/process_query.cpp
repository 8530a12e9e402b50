#include "daemon/admin/process_query.hpp"

#include <charconv>
#include <optional>

#include <nlohmann/json.hpp>

#include "core/domain/names.hpp"
#include "daemon/rows/row_json.hpp"

namespace signwatch::admin {
namespace {

using rows::Json;

constexpr std::size_t largest_limit = 1'000;
constexpr std::size_t largest_offset = 1'000'000'000;

std::optional<std::size_t> read_number(const std::string& text, std::size_t least, std::size_t most) {
    std::size_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end || number < least || number > most) return std::nullopt;
    return number;
}

std::string take(ProcessFilter& filter, const std::string& name, const std::string& value) {
    if (name == "correlationId") {
        filter.correlation_id = value;
    } else if (name == "account") {
        filter.account = value;
    } else if (name == "state") {
        filter.state = from_name<ProcessState>(value);
        if (!filter.state) return "state is none of the words for a state";
    } else if (name == "limit") {
        const auto limit = read_number(value, 1, largest_limit);
        if (!limit) return "limit must be a number from 1 to 1000";
        filter.limit = *limit;
    } else if (name == "offset") {
        const auto offset = read_number(value, 0, largest_offset);
        if (!offset) return "offset must be a number from 0 to 1000000000";
        filter.offset = *offset;
    } else {
        return "there is no parameter " + name + ", only correlationId, account, state, limit and offset";
    }
    return {};
}

}  // namespace

ProcessQuery read_query(const std::map<std::string, std::string>& parameters) {
    ProcessQuery query;
    for (const auto& [name, value] : parameters) {
        query.mistake = take(query.filter, name, value);
        if (!query.mistake.empty()) break;
    }
    return query;
}

Json processes_json(StateView& view, const ProcessFilter& filter) {
    auto list = Json::array();
    for (const ProcessRow& row : view.processes(filter)) {
        Json json;
        if (!filter.correlation_id.empty()) json = snapshot_json(view, row.account, row.process_id);
        list.push_back(json.is_null() ? rows::process_json(row) : std::move(json));
    }
    Json body;
    body["processes"] = std::move(list);
    return body;
}

Json snapshot_json(StateView& view, const std::string& account, const std::string& process_id) {
    const auto detail = view.process(account, process_id);
    return detail ? rows::process_detail_json(*detail) : Json(nullptr);
}

}  // namespace signwatch::admin
