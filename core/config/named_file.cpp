#include "core/config/named_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace signwatch::config {
namespace {

bool is_our_group(gid_t group) {
    if (::geteuid() == 0 || ::getegid() == group) return true;
    const int count = ::getgroups(0, nullptr);
    if (count <= 0) return false;
    std::vector<gid_t> groups(static_cast<std::size_t>(count));
    if (::getgroups(count, groups.data()) < 0) return false;
    return std::find(groups.begin(), groups.end(), group) != groups.end();
}

FileMistake unreadable(const std::string& path, int error) {
    const std::string why = std::generic_category().message(error);
    if (error == EACCES) {
        return {"the file " + path + " cannot be read: " + why, "run as the daemon's user, or let that user read it"};
    }
    return {"the file " + path + " cannot be read: " + why, "create it or correct the path"};
}

}  // namespace

std::optional<FileMistake> check_file(const std::string& path, bool secret, bool credential) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return unreadable(path, errno);
    if (!S_ISREG(status.st_mode)) return FileMistake{path + " is not a regular file", "name a file"};
    if (secret && (status.st_mode & S_IRWXO) != 0) {
        return FileMistake{"the secret file " + path + " is open to every user", "chmod 600 " + path};
    }
    if (secret && !credential && (status.st_mode & S_IRWXG) != 0 && !is_our_group(status.st_gid)) {
        return FileMistake{"the secret file " + path + " is open to a group that we do not belong to",
                           "chmod 600 " + path + ", or chgrp it to the daemon's group"};
    }
    if (::access(path.c_str(), R_OK) != 0) return unreadable(path, errno);
    return std::nullopt;
}

std::string credentials_directory() {
    const char* const directory = std::getenv("CREDENTIALS_DIRECTORY");
    return directory ? directory : "";
}

}  // namespace signwatch::config
