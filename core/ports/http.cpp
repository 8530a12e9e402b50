#include "core/ports/http.hpp"

#include <strings.h>

namespace signwatch {

std::optional<std::string_view> HttpResponse::header(std::string_view name) const {
    for (const HttpHeader& entry : headers) {
        if (entry.name.size() == name.size() && ::strncasecmp(entry.name.data(), name.data(), name.size()) == 0) {
            return entry.value;
        }
    }
    return std::nullopt;
}

}  // namespace signwatch
