#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace signwatch::copy {

enum class Type {
    integer,
    truth,  ///< 0 and 1; a boolean in PostgreSQL
    text,
    bytes,
};

struct Column {
    std::string_view name;
    Type type = Type::integer;
};

struct Table {
    std::string_view name;
    std::size_t keys = 1;  ///< so many of the first columns are its key, in whose order it is read
    std::vector<Column> columns;
    std::string_view only = "TRUE";  ///< SQL: which of its rows are copied
};

/// Every table that is copied, each behind those that it refers to. What the two schemas do not have in common is
/// derived in the target (counts, sequences, timeline, what budgets share) or has no meaning there.
std::span<const Table> tables();

/// A value as text, the same on both sides: integers in decimal, truths as 0 and 1, text as PostgreSQL can keep it,
/// bytes as they are. nullopt: null.
using Cell = std::optional<std::string>;
using Row = std::vector<Cell>;
using Page = std::vector<Row>;

using Key = std::vector<std::variant<std::int64_t, std::string>>;

Key key_of(const Table& table, const Row& row);
/// A key as JSON, for rows that tell how far a copy has come.
std::string encode(const Key& key);
Key decode(const std::string& text);

/// "a, b, c": the names of the first `count` columns, each followed by `suffix` if it is text.
std::string names(const Table& table, std::size_t count, std::string_view suffix = "");
/// "$2, $3": so many numbers from `first`, each behind `mark`.
std::string bindings(std::string_view mark, std::size_t first, std::size_t count);

}  // namespace signwatch::copy
