#include "core/domain/error.hpp"

#include <utility>

namespace signwatch {

Error::Error(ErrorKind kind, std::string code, const std::string& what)
    : std::runtime_error(what), kind_(kind), code_(std::move(code)) {}

Error& Error::with_retry_after(std::chrono::milliseconds delay) {
    retry_after_ = delay;
    return *this;
}

std::string_view name_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::transient:
            return "transient";
        case ErrorKind::throttled:
            return "throttled";
        case ErrorKind::unauthorized:
            return "unauthorized";
        case ErrorKind::permanent:
            return "permanent";
        case ErrorKind::integrity:
            return "integrity";
        case ErrorKind::cancelled:
            return "cancelled";
    }
    return "unknown";
}

}  // namespace signwatch
