#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace signwatch {

/// Text that must not reach a log, a metric, an event, a file name or an error text: signing URLs, national numbers,
/// e-mail addresses, phone numbers. It cannot be streamed or formatted; `reveal()` marks each place that needs it.
class Sensitive {
public:
    Sensitive() = default;
    explicit Sensitive(std::string text) : text_(std::move(text)) {}

    const std::string& reveal() const noexcept { return text_; }
    bool empty() const noexcept { return text_.empty(); }
    bool operator==(const Sensitive&) const = default;

private:
    std::string text_;
};

/// A credential. Like Sensitive, and its memory is overwritten when it is destroyed. Move only, so that copies are
/// rare.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { wipe(); }

    std::string_view reveal() const noexcept { return text_; }
    bool empty() const noexcept { return text_.empty(); }

private:
    void wipe() noexcept;

    std::string text_;
};

}  // namespace signwatch
