#include "core/json/value.hpp"

#include <algorithm>
#include <charconv>

#include "core/json/folding.hpp"

namespace signwatch::json {

Value Value::of_boolean(bool value) {
    Value result(Kind::boolean);
    result.text_ = value ? "true" : "false";
    return result;
}

Value Value::of_number(std::string digits) {
    Value result(Kind::number);
    result.text_ = std::move(digits);
    return result;
}

Value Value::of_text(std::string text) {
    Value result(Kind::text);
    result.text_ = std::move(text);
    return result;
}

const Value& Value::operator[](std::string_view name) const {
    static const Value absent;
    const auto found = std::ranges::find(names_, name);
    return found == names_.end() ? absent : items_[static_cast<std::size_t>(found - names_.begin())];
}

const Value& Value::any_of(std::initializer_list<std::string_view> names) const {
    for (const std::string_view name : names) {
        const Value& member = (*this)[name];
        if (!member.is_null()) return member;
    }
    static const Value absent;
    return absent;
}

std::optional<std::string> Value::text() const {
    const bool scalar = kind_ == Kind::text || kind_ == Kind::number || kind_ == Kind::boolean;
    return scalar ? std::optional(text_) : std::nullopt;
}

std::optional<std::int64_t> Value::integer() const {
    if (kind_ != Kind::number && kind_ != Kind::text) return std::nullopt;
    const std::string_view digits = trimmed(text_);
    std::int64_t number = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = result.ec == std::errc{} && result.ptr == digits.data() + digits.size();
    return whole && !digits.empty() ? std::optional(number) : std::nullopt;
}

std::optional<bool> Value::boolean() const {
    const std::string word = fold_key(text_);
    if (word == "true" || word == "1") return true;
    if (word == "false" || word == "0") return false;
    return std::nullopt;
}

bool Value::add(std::string name, Value member) {
    if (std::ranges::find(names_, name) != names_.end()) return false;
    names_.push_back(std::move(name));
    items_.push_back(std::move(member));
    return true;
}

}  // namespace signwatch::json
