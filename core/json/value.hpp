#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signwatch::json {

/// How much a body may make us hold.
struct Limits {
    std::size_t bytes = 1 << 20;
    std::size_t depth = 64;
    std::size_t values = 100'000;  ///< values and names of the whole body
    std::size_t members = 500;     ///< of one object
};

/// One JSON value as a provider wrote it, read with the tolerance that providers need: names are compared trimmed and
/// without case, numbers and booleans may stand in quotes. A value that is absent is null; nothing here throws.
class Value {
public:
    enum class Kind { null, boolean, number, text, list, object };

    Value() = default;
    static Value of_boolean(bool value);
    static Value of_number(std::string digits);
    static Value of_text(std::string text);
    static Value of_list() { return Value(Kind::list); }
    static Value of_object() { return Value(Kind::object); }

    Kind kind() const { return kind_; }
    bool is_null() const { return kind_ == Kind::null; }
    bool is_list() const { return kind_ == Kind::list; }
    bool is_object() const { return kind_ == Kind::object; }

    /// The member of an object; null if this is no object or has no such member. `name` is given folded (fold_key).
    const Value& operator[](std::string_view name) const;
    /// The first of these members that is there and not null.
    const Value& any_of(std::initializer_list<std::string_view> names) const;
    /// The elements of a list, or the values of an object in their order; empty for anything else.
    const std::vector<Value>& items() const { return items_; }
    /// The folded names of an object's members, in their order.
    const std::vector<std::string>& names() const { return names_; }

    /// A text as it stands, a number or boolean as it was written.
    std::optional<std::string> text() const;
    /// The same, or "".
    std::string text_or_empty() const { return text().value_or(std::string()); }
    /// A whole number, also in quotes.
    std::optional<std::int64_t> integer() const;
    /// true, false, 1, 0, and these words in quotes in any case.
    std::optional<bool> boolean() const;

    void add(Value item) { items_.push_back(std::move(item)); }
    /// `name` folded; false if the object has it already.
    bool add(std::string name, Value member);

private:
    explicit Value(Kind kind) : kind_(kind) {}

    Kind kind_ = Kind::null;
    std::string text_;  ///< the text, the digits, "true" or "false"
    std::vector<std::string> names_;
    std::vector<Value> items_;
};

/// Reads a whole body. Throws Error(integrity) "json_syntax" (also for bytes that are no UTF-8, and for anything after
/// the value), "json_too_large", "json_depth", "json_values", and "json_duplicate_name" if an object has two names that
/// are the same when folded: which of them counts would be a guess.
Value parse(std::string_view body, const Limits& limits = {});

}  // namespace signwatch::json
