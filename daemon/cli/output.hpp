#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "core/domain/time.hpp"
#include "daemon/rows/row_json.hpp"

namespace signwatch::cli {

/// Text from outside made harmless to a terminal: control characters, bidirectional overrides and bytes that are not
/// UTF-8 become \xNN or \u{NNNN}.
std::string printable(std::string_view text);

/// Rows under a heading, in aligned columns; cells are made printable.
class Table {
public:
    explicit Table(std::vector<std::string> heading);
    void add(std::vector<std::string> row);
    void print(std::ostream& out) const;

private:
    std::vector<std::vector<std::string>> rows_;
};

/// Name and value pairs below each other: "name:   value".
class Facts {
public:
    void add(std::string name, std::string_view value);
    void print(std::ostream& out) const;

private:
    std::vector<std::pair<std::string, std::string>> facts_;
};

/// One indented JSON document, ASCII only.
void print_json(std::ostream& out, const nlohmann::ordered_json& document);
/// One JSON line, flushed.
void print_json_line(std::ostream& out, const nlohmann::ordered_json& document);

std::string time_text(const std::optional<WallTime>& time);  ///< "-" for none
/// "in 4m 10s", "12s ago", "now"
std::string relative_text(WallTime time, WallTime now);
std::string bytes_text(std::uint64_t size);  ///< "9120 B", "198.4 KiB", "4.2 MiB"
using rows::text_or_null;
using rows::time_or_null;

}  // namespace signwatch::cli
