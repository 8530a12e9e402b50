#include "core/domain/sensitive.hpp"

#include <string.h>  // explicit_bzero

namespace signwatch {

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        text_ = std::move(other.text_);
        other.wipe();
    }
    return *this;
}

void Secret::wipe() noexcept {
    if (!text_.empty()) ::explicit_bzero(text_.data(), text_.size());
    text_.clear();
}

}  // namespace signwatch
