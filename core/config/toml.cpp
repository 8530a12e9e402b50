#include <algorithm>
#include <optional>

#include <toml++/toml.h>

#include "core/config/tree.hpp"

namespace signwatch::config {
namespace {

// toml++ limits nested values but not dotted keys, and frees them recursively: enough dots overflow the stack.
constexpr std::size_t most_dots_in_a_line = 32;

Place place_of(const toml::source_region& region, const std::string& file) {
    return {file, std::max<std::size_t>(region.begin.line, 1), std::max<std::size_t>(region.begin.column, 1)};
}

std::size_t dots_outside_quotes(std::string_view line) {
    std::size_t dots = 0;
    char quote = '\0';
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote == '\0') {
            if (c == '"' || c == '\'') quote = c;
            if (c == '.') ++dots;
        } else if (quote == '"' && c == '\\') {
            ++i;
        } else if (c == quote) {
            quote = '\0';
        }
    }
    return dots;
}

std::optional<std::size_t> line_with_too_many_dots(std::string_view text) {
    std::size_t number = 1;
    for (std::size_t begin = 0; begin < text.size(); ++number) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        if (dots_outside_quotes(text.substr(begin, end - begin)) > most_dots_in_a_line) return number;
        begin = end + 1;
    }
    return std::nullopt;
}

Value convert(const toml::node& node, const std::string& file);

Table convert_table(const toml::table& table, const std::string& file) {
    Table result{place_of(table.source(), file), {}};
    result.entries.reserve(table.size());
    for (auto&& [key, node] : table) {
        result.entries.push_back({std::string(key.str()), place_of(key.source(), file), convert(node, file)});
    }
    return result;
}

Value convert(const toml::node& node, const std::string& file) {
    Value value{place_of(node.source(), file), Moment{}};
    if (const auto* text = node.as_string()) value.content = text->get();
    if (const auto* integer = node.as_integer()) value.content = integer->get();
    if (const auto* number = node.as_floating_point()) value.content = number->get();
    if (const auto* boolean = node.as_boolean()) value.content = boolean->get();
    if (const auto* table = node.as_table()) value.content = convert_table(*table, file);
    if (const auto* array = node.as_array()) {
        List list;
        for (const auto& element : *array)
            list.push_back(convert(element, file));
        value.content = std::move(list);
    }
    return value;
}

std::string remedy_for(std::string_view description) {
    const auto says = [&](std::string_view words) { return description.find(words) != std::string_view::npos; };
    if (says("redefine existing array")) return "write it with double brackets everywhere: [[account]]";
    if (says("redefine")) return "keep one of the two";
    if (says("could not determine value type")) return "put texts in double quotes";
    if (says("parsing boolean")) return "true and false are in lower case; put texts in double quotes";
    if (says("unescaped control") || says("parsing string")) return "close the text with the quote it began with";
    if (says("expected digit")) return "put durations and sizes in double quotes: \"30s\", \"100MiB\"";
    if (says("utf-8")) return "save the file as UTF-8";
    if (says("expected '='")) return "write key = value";
    return "correct the TOML syntax here";
}

}  // namespace

Table parse_toml(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
    if (const auto line = line_with_too_many_dots(text)) {
        diagnostics.add({file, *line, 1, "this line nests too deeply", "use at most 32 dots in a line"});
        return {};
    }
    try {
        return convert_table(toml::parse(text, std::string_view(file)), file);
    } catch (const toml::parse_error& error) {
        const auto place = place_of(error.source(), file);
        diagnostics.add({file,
                         place.line,
                         place.column,
                         "not valid TOML: " + std::string(error.description()),
                         remedy_for(error.description())});
        return {};
    }
}

}  // namespace signwatch::config
