#pragma once

#include <string>
#include <string_view>

#include "core/config/section.hpp"

/// What is in the files that a table names, where it is to be looked at (Section::looks_into_files); files that cannot
/// be opened are reported elsewhere.
namespace signwatch::config {

/// The PEM files of one side of TLS, by the paths that Section::file gave; empty: not given.
struct TlsPaths {
    std::string certificate;
    std::string key;
    std::string authorities;
    std::string_view authorities_key = "ca";  ///< the table's name for them
};

/// Reports what cannot be used, and a key that belongs to another certificate.
void check_tls_contents(Section& section, const TlsPaths& paths);

/// Reports at `key` unless the file holds one text that `fits`, and a line end at most. `wanted`: "one path that ...".
void check_text_content(Section& section,
                        const std::string& key,
                        const std::string& path,
                        bool (*fits)(std::string_view),
                        std::string_view wanted);

/// A token of [admin]: 20 to 1000 visible ASCII characters.
bool is_admin_token(std::string_view text);

}  // namespace signwatch::config
