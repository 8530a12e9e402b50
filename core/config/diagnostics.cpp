#include <algorithm>

#include "core/config/config_error.hpp"

namespace signwatch::config {
namespace {

std::string join(const std::vector<Diagnostic>& diagnostics) {
    std::string text;
    for (const auto& diagnostic : diagnostics) {
        if (!text.empty()) text += '\n';
        text += diagnostic.text();
    }
    return text;
}

}  // namespace

std::string Diagnostic::text() const {
    std::string text = file;
    if (line != 0) text += ':' + std::to_string(line) + ':' + std::to_string(column);
    text += ": " + message;
    if (!remedy.empty()) text += " (" + remedy + ")";
    return text;
}

void Diagnostics::add(Diagnostic diagnostic) {
    if (std::find(list_.begin(), list_.end(), diagnostic) == list_.end()) list_.push_back(std::move(diagnostic));
}

ConfigError::ConfigError(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(join(diagnostics)), diagnostics_(std::move(diagnostics)) {}

}  // namespace signwatch::config
