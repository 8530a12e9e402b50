#pragma once

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace signwatch {

/// Why an operation ended; the scheduler decides from this alone whether and when to try again.
enum class ErrorKind {
    transient,     ///< network, 5xx, disk or database for the moment: try again with back-off
    throttled,     ///< the provider asks for fewer calls: wait, never probe
    unauthorized,  ///< credentials or certificate refused: alert, try again slowly
    permanent,     ///< the same call will fail again: do not repeat it
    integrity,     ///< what came is not what it claims to be: never acknowledge it
    cancelled,     ///< we are stopping
};

/// The one exception type that crosses a port. `code` is a short fixed token ("http_503", "url_refused") that is fit
/// for a metric label; `what()` is for people and holds no personal data, no URL and no secret.
class Error : public std::runtime_error {
public:
    Error(ErrorKind kind, std::string code, const std::string& what);

    ErrorKind kind() const noexcept { return kind_; }
    const std::string& code() const noexcept { return code_; }

    /// How long the other side asked us to wait, if it said so.
    std::optional<std::chrono::milliseconds> retry_after() const noexcept { return retry_after_; }
    Error& with_retry_after(std::chrono::milliseconds delay);

private:
    ErrorKind kind_;
    std::string code_;
    std::optional<std::chrono::milliseconds> retry_after_;
};

std::string_view name_of(ErrorKind kind);

}  // namespace signwatch
