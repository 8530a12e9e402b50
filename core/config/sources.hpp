#pragma once

#include <string>
#include <vector>

#include "core/config/section.hpp"

namespace signwatch::config {

/// One configuration file as it is on disk.
struct Source {
    std::string file;
    std::string text;
};

/// The main file, then `conf.d/*.toml` beside it in the order of their names. Files that cannot be read, are no regular
/// files or are larger than 1 MiB are reported and left out.
std::vector<Source> read_sources(const std::string& path, Diagnostics& diagnostics);

}  // namespace signwatch::config
