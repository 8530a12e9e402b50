#include "daemon/cli/registration_file.hpp"

#include <algorithm>
#include <variant>

#include "core/registry/registration_json.hpp"

namespace signwatch::cli {
namespace {

constexpr std::string_view label_column = "label.";

std::string set_field(Registration& registration, const std::string& column, const std::string& value) {
    if (column == "account") {
        registration.account = value;
    } else if (column == "process_id") {
        registration.process_id = value;
    } else if (column == "correlation_id") {
        registration.correlation_id = value;
    } else if (column == "deadline") {
        if (!value.empty()) registration.deadline = parse_iso8601(value);
        if (!value.empty() && !registration.deadline) return "deadline is no moment such as 2026-12-24T18:00:00Z";
    } else if (column == "interval") {
        if (!value.empty()) registration.interval = registry::read_interval(value);
        if (!value.empty() && !registration.interval) return "interval is no duration such as 90s, 5m, 24h or 7d";
    } else if (!value.empty()) {
        registration.labels.push_back({column.substr(label_column.size()), value});
    }
    return {};
}

bool is_column(const std::string& name) {
    static const std::vector<std::string> names{"account", "process_id", "correlation_id", "deadline", "interval"};
    return name.starts_with(label_column) || std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::optional<std::vector<std::string>> split_csv(const std::string& line) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quoted && c == '"' && i + 1 < line.size() && line[i + 1] == '"') {
            fields.back() += line[++i];
        } else if (c == '"' && (quoted || fields.back().empty())) {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            fields.emplace_back();
        } else {
            fields.back() += c;
        }
    }
    if (quoted) return std::nullopt;
    return fields;
}

std::optional<RegistrationLine> RegistrationFile::next() {
    std::string line;
    while (std::getline(input_, line)) {
        ++number_;
        if (line.ends_with('\r')) line.pop_back();
        if (line.empty()) continue;
        if (number_ == 1 && !line.starts_with('{')) {
            const auto columns = split_csv(line);
            if (!columns || !std::ranges::all_of(*columns, is_column)) {
                return RegistrationLine{number_,
                                        std::nullopt,
                                        "neither a JSON object nor a heading of account, process_id, correlation_id, "
                                        "deadline, interval and label.NAME"};
            }
            columns_ = *columns;
            continue;
        }
        RegistrationLine read = columns_.empty() ? read_json(line) : read_csv(line);
        read.number = number_;
        return read;
    }
    return std::nullopt;
}

RegistrationLine RegistrationFile::read_json(const std::string& line) const {
    RegistrationLine result;
    auto read = registry::read_registration(line);
    if (auto* registration = std::get_if<Registration>(&read))
        result.registration = std::move(*registration);
    else
        result.mistake = std::get<registry::Unreadable>(read).mistake;
    return result;
}

RegistrationLine RegistrationFile::read_csv(const std::string& line) const {
    RegistrationLine result;
    const auto fields = split_csv(line);
    if (!fields || fields->size() != columns_.size()) {
        result.mistake = "not " + std::to_string(columns_.size()) + " fields as in the heading";
        return result;
    }
    Registration registration;
    for (std::size_t i = 0; i < columns_.size() && result.mistake.empty(); ++i)
        result.mistake = set_field(registration, columns_[i], (*fields)[i]);
    if (result.mistake.empty()) result.registration = std::move(registration);
    return result;
}

}  // namespace signwatch::cli
