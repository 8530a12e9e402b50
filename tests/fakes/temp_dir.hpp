#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace signwatch::testing {

/// A private directory (0700) under $TMPDIR or /tmp, removed with everything in it at the end.
class TempDir {
public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    const std::filesystem::path& path() const { return path_; }

    /// Writes a file (0600) into it and gives its path.
    std::filesystem::path write(const std::string& name, std::string_view content) const;

private:
    std::filesystem::path path_;
};

}  // namespace signwatch::testing
