#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/config/section.hpp"

namespace signwatch::config {

/// A position in a configuration file, both counted from 1.
struct Place {
    std::string file;
    std::size_t line = 1;
    std::size_t column = 1;

    /// "file:line:column"
    std::string text() const;
};

struct Entry;
struct Value;

struct Table {
    Place place;
    std::vector<Entry> entries;

    const Entry* find(std::string_view key) const;
};

using List = std::vector<Value>;

/// A date or time: no key of ours takes one.
struct Moment {};

struct Value {
    Place place;
    std::variant<std::string, std::int64_t, double, bool, Moment, List, Table> content;

    const Table* table() const { return std::get_if<Table>(&content); }
    /// "a text", "an integer", ...
    std::string_view type_name() const;
    /// True for `[[key]]`: a list that is not empty and holds tables only.
    bool is_table_list() const;
};

struct Entry {
    std::string key;
    Place place;  ///< of the key
    Value value;
};

/// Reads one TOML document with the place of everything in it. A syntax error is reported, and gives an empty table.
Table parse_toml(std::string_view text, const std::string& file, Diagnostics& diagnostics);

/// Adds what `from` says to `into`: tables grow together, [[lists of tables]] are appended, anything given twice is
/// reported.
void merge(Table& into, Table&& from, Diagnostics& diagnostics);

}  // namespace signwatch::config
