#pragma once

#include <string_view>

#include "core/domain/error.hpp"

namespace signwatch::redis {

/// What an error reply ("-OOM command not allowed ...") means for us. Its text is cut before anything that repeats
/// arguments.
Error error_of(std::string_view reply);

}  // namespace signwatch::redis
