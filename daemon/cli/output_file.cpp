#include "daemon/cli/output_file.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <unistd.h>

#include "core/domain/error.hpp"

namespace signwatch::cli {
namespace {

[[noreturn]] void fail(const std::string& what, int error) {
    throw Error(ErrorKind::permanent, "output_file", what + ": " + std::generic_category().message(error));
}

std::string temporary_pattern(const std::string& path) {
    if (path == "-") return (std::filesystem::temp_directory_path() / "signwatch-XXXXXX").string();
    return path + ".XXXXXX";
}

}  // namespace

OutputFile::OutputFile(const std::string& path) : path_(path), temporary_(temporary_pattern(path)) {
    descriptor_ = ::mkstemp(temporary_.data());
    if (descriptor_ < 0) fail("cannot make a file beside " + path, errno);
}

OutputFile::~OutputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void OutputFile::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("cannot write the document", errno);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void OutputFile::finish(std::ostream& standard_output) {
    if (path_ == "-") {
        copy_to(standard_output);
        return;
    }
    if (::fsync(descriptor_) != 0) fail("cannot write " + path_, errno);
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) fail("cannot write " + path_, errno);
    temporary_.clear();
}

void OutputFile::copy_to(std::ostream& out) {
    if (::lseek(descriptor_, 0, SEEK_SET) < 0) fail("cannot read the document back", errno);
    std::array<char, 64 * 1024> block;
    for (;;) {
        const ssize_t got = ::read(descriptor_, block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail("cannot read the document back", errno);
        if (got == 0) break;
        out.write(block.data(), got);
    }
    out.flush();
    if (!out) fail("cannot write to standard output", EIO);
}

}  // namespace signwatch::cli
