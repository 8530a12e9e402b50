#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <variant>

#include "core/domain/names.hpp"

namespace signwatch::telemetry {

/// What may stand in a log line: text, numbers, truth, durations (as milliseconds) and our own named enumerations.
/// Sensitive and Secret are none of these, so they cannot be logged by mistake.
template <typename T>
concept LogText = std::convertible_to<const T&, std::string_view>;
template <typename T>
concept LogNumber = std::integral<T> || std::floating_point<T>;
template <typename T>
concept LogDuration = requires(const T& duration) {
    std::chrono::duration_cast<std::chrono::milliseconds>(duration);
};
template <typename T>
concept LogName = std::is_enum_v<T> && requires(T value) {
    { name_of(value) } -> std::convertible_to<std::string_view>;
};
template <typename T>
concept Loggable = LogText<T> || LogNumber<T> || LogDuration<T> || LogName<T>;

using FieldValue = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

template <Loggable T>
FieldValue field_value(const T& value) {
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    if constexpr (LogText<T>)
        return std::string_view(value);
    else if constexpr (LogName<T>)
        return std::string_view(name_of(value));
    else if constexpr (LogDuration<T>)
        return static_cast<std::int64_t>(duration_cast<milliseconds>(value).count());
    else if constexpr (std::same_as<T, bool>)
        return value;
    else if constexpr (std::floating_point<T>)
        return static_cast<double>(value);
    else if constexpr (std::signed_integral<T>)
        return static_cast<std::int64_t>(value);
    else
        return static_cast<std::uint64_t>(value);
}

/// One named value of a log line. It only looks at the text it was given: for use within the logging call.
struct Field {
    template <Loggable T>
    Field(std::string_view field_name, const T& field_content) : name(field_name), value(field_value(field_content)) {}

    std::string_view name;
    FieldValue value;
};

}  // namespace signwatch::telemetry
