#pragma once

#include <string>

#include "core/domain/sensitive.hpp"

namespace signwatch::adobe_sign {

/// The one word that a file holds, without the white space around it. Throws Error(permanent, "credential_file") naming
/// the file that cannot be read or holds anything else.
Secret read_secret_file(const std::string& file);

}  // namespace signwatch::adobe_sign
