#include "core/config/tree.hpp"

#include <algorithm>

namespace signwatch::config {
namespace {

void report_twice(const Entry& first, const Entry& second, const std::string& path, Diagnostics& diagnostics) {
    diagnostics.add({second.place.file,
                     second.place.line,
                     second.place.column,
                     "`" + path + "` is given twice, the first time at " + first.place.text(),
                     "keep one of the two"});
}

void merge(Table& into, Table&& from, const std::string& prefix, Diagnostics& diagnostics) {
    for (auto& entry : from.entries) {
        const auto known = std::find_if(
            into.entries.begin(), into.entries.end(), [&](const Entry& other) { return other.key == entry.key; });
        if (known == into.entries.end()) {
            into.entries.push_back(std::move(entry));
            continue;
        }
        Value& present = known->value;
        if (present.table() && entry.value.table()) {
            merge(std::get<Table>(present.content),
                  std::get<Table>(std::move(entry.value.content)),
                  prefix + entry.key + ".",
                  diagnostics);
        } else if (present.is_table_list() && entry.value.is_table_list()) {
            auto& list = std::get<List>(present.content);
            auto& more = std::get<List>(entry.value.content);
            std::move(more.begin(), more.end(), std::back_inserter(list));
        } else {
            report_twice(*known, entry, prefix + entry.key, diagnostics);
        }
    }
}

}  // namespace

std::string Place::text() const {
    return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

const Entry* Table::find(std::string_view key) const {
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
    return found == entries.end() ? nullptr : &*found;
}

std::string_view Value::type_name() const {
    constexpr std::string_view names[] = {
        "a text", "an integer", "a number", "true or false", "a date or time", "a list", "a table"};
    return names[content.index()];
}

bool Value::is_table_list() const {
    const auto* const list = std::get_if<List>(&content);
    return list && !list->empty() &&
           std::all_of(list->begin(), list->end(), [](const Value& value) { return value.table() != nullptr; });
}

void merge(Table& into, Table&& from, Diagnostics& diagnostics) {
    merge(into, std::move(from), "", diagnostics);
}

}  // namespace signwatch::config
