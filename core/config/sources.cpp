#include "core/config/sources.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <optional>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace signwatch::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = 1 << 20;
constexpr std::size_t most_files = 1'000;

class Descriptor {
public:
    // O_NONBLOCK: opening a FIFO must not wait for a writer.
    explicit Descriptor(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return fd_; }

private:
    int fd_;
};

std::string reason(int error) {
    return std::generic_category().message(error);
}

std::optional<std::string> read_all(int descriptor) {
    std::string text;
    std::string block(64 * 1024, '\0');
    while (text.size() <= largest_file) {
        const ssize_t got = ::read(descriptor, block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) break;
        text.append(block, 0, static_cast<std::size_t>(got));
    }
    return text;
}

std::optional<std::string> read_file(const std::string& path, Diagnostics& diagnostics) {
    const auto refuse = [&](std::string message, std::string remedy) {
        diagnostics.add({path, 0, 0, std::move(message), std::move(remedy)});
        return std::nullopt;
    };
    const Descriptor file(path);
    if (file.get() < 0) return refuse("cannot be read: " + reason(errno), "name another file with --config");
    struct stat status {};
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return refuse("is not a regular file", "name a TOML file");
    }
    auto text = read_all(file.get());
    if (!text) return refuse("cannot be read: " + reason(errno), "check the disk and the permissions");
    if (text->size() > largest_file) return refuse("is larger than 1MiB", "split it into files in conf.d");
    return text;
}

std::vector<std::string> extra_files(const fs::path& directory, Diagnostics& diagnostics) {
    std::vector<std::string> files;
    std::error_code error;
    if (!fs::is_directory(directory, error)) return files;
    for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
        const auto name = it->path().filename().string();
        if (it->path().extension() == ".toml" && name.front() != '.') files.push_back(it->path().string());
    }
    if (error)
        diagnostics.add({directory.string(), 0, 0, "cannot be read: " + error.message(), "check the permissions"});
    std::sort(files.begin(), files.end());
    if (files.size() > most_files) {
        diagnostics.add({directory.string(), 0, 0, "holds more than 1000 files", "put several accounts into one file"});
        files.resize(most_files);
    }
    return files;
}

}  // namespace

std::vector<Source> read_sources(const std::string& path, Diagnostics& diagnostics) {
    std::vector<Source> sources;
    auto main = read_file(path, diagnostics);
    if (!main) return sources;
    sources.push_back({path, std::move(*main)});
    for (const auto& file : extra_files(fs::path(path).parent_path() / "conf.d", diagnostics)) {
        if (auto text = read_file(file, diagnostics)) sources.push_back({file, std::move(*text)});
    }
    return sources;
}

}  // namespace signwatch::config
