#pragma once

#include <optional>
#include <string>

namespace signwatch::config {

/// How closely the files that a configuration names are looked at.
enum class FileChecks {
    strict,   ///< for running: everything must be there
    offline,  ///< for check-config at a shell: what is in them is looked at, too, and systemd credentials are accepted
              ///< unseen where $CREDENTIALS_DIRECTORY is not set
    none,     ///< for commands that only need to know where the store is
};

struct FileMistake {
    std::string message;
    std::string remedy;
};

/// Tells why a file cannot be used; nullopt if it can. A secret must not be open to others, and to a group only if we
/// belong to it (root, who checks on behalf of the service, accepts any group). `credential`: systemd chose its group,
/// so that is not judged.
std::optional<FileMistake> check_file(const std::string& path, bool secret, bool credential);

/// $CREDENTIALS_DIRECTORY, or empty.
std::string credentials_directory();

/// Stands for the directory of credentials that could not be looked at (FileChecks::offline).
constexpr const char* unseen_credentials = "$CREDENTIALS_DIRECTORY";

}  // namespace signwatch::config
