#pragma once

#include <stdexcept>
#include <vector>

#include "core/config/section.hpp"

namespace signwatch::config {

/// The configuration cannot be used. `what()` is every mistake, one a line.
class ConfigError : public std::runtime_error {
public:
    explicit ConfigError(std::vector<Diagnostic> diagnostics);

    const std::vector<Diagnostic>& diagnostics() const noexcept { return diagnostics_; }

private:
    std::vector<Diagnostic> diagnostics_;
};

}  // namespace signwatch::config
