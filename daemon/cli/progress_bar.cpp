#include "daemon/cli/progress_bar.hpp"

#include <algorithm>
#include <filesystem>
#include <unistd.h>

namespace signwatch::cli {
namespace {

constexpr std::streamoff width = 40;

}  // namespace

ProgressBar::ProgressBar(std::ostream& out, const std::string& file, std::string items)
    : out_(out), items_(std::move(items)), terminal_(::isatty(STDERR_FILENO) == 1) {
    std::error_code ignored;
    const auto size = file == "-" ? 0 : std::filesystem::file_size(file, ignored);
    if (!ignored) whole_ = static_cast<std::streamoff>(size);
}

ProgressBar::ProgressBar(std::ostream& out, std::size_t whole, std::string items)
    : out_(out),
      items_(std::move(items)),
      terminal_(::isatty(STDERR_FILENO) == 1),
      whole_(static_cast<std::streamoff>(whole)) {}

void ProgressBar::show(std::size_t done, std::streamoff position) {
    if (!terminal_) return;
    if (whole_ > 0 && position >= 0) {
        const std::streamoff full = std::min(width, position * width / whole_);
        out_ << "\r[" << std::string(static_cast<std::size_t>(full), '#')
             << std::string(static_cast<std::size_t>(width - full), ' ') << "] " << position * 100 / whole_ << " %  ";
    } else {
        out_ << '\r';
    }
    out_ << done << " " << items_ << " " << std::flush;
}

void ProgressBar::finish(std::size_t done) {
    if (!terminal_) return;
    show(done, whole_);
    out_ << '\n';
}

}  // namespace signwatch::cli
