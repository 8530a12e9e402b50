#pragma once

#include <string>
#include <string_view>

namespace signwatch::simulator {

/// A gzip file with `text` in stored (uncompressed) blocks.
std::string gzipped(std::string_view text);

}  // namespace signwatch::simulator
