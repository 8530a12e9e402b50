#pragma once

#include <string>

#include "core/domain/error.hpp"

namespace signwatch::verify {

/// Ends the check of a document: it is not what it claims to be. `text` holds nothing taken from the document.
[[noreturn]] inline void refuse(const char* code, const std::string& text) {
    throw Error(ErrorKind::integrity, code, text);
}

}  // namespace signwatch::verify
