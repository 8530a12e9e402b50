#include "tests/fakes/temp_dir.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace signwatch::testing {

namespace {

std::filesystem::path make_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signwatch-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::system_error(errno, std::generic_category(), "mkdtemp " + pattern);
    return pattern;
}

void write_all(int file, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw std::system_error(errno, std::generic_category(), "write to a temporary file");
        content.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

TempDir::TempDir() : path_(make_directory()) {}

TempDir::~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TempDir::write(const std::string& name, std::string_view content) const {
    const auto path = path_ / name;
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) throw std::system_error(errno, std::generic_category(), "open " + path.string());
    try {
        write_all(file, content);
    } catch (...) {
        ::close(file);
        throw;
    }
    ::close(file);
    return path;
}

}  // namespace signwatch::testing
