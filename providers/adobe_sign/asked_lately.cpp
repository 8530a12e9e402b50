#include "providers/adobe_sign/asked_lately.hpp"

#include "core/domain/error.hpp"

namespace signwatch::adobe_sign {
namespace {

[[noreturn]] void too_early(milliseconds left) {
    Error error(ErrorKind::transient, "adobe_asked_lately", "the same was asked less than the polling interval ago");
    throw error.with_retry_after(left);
}

}  // namespace

void AskedLately::note(const std::string& path, WallTime now) {
    const auto known = asked_.find(path);
    if (known != asked_.end() && known->second + gap_ > now) too_early(known->second + gap_ - now);
    forget(now);
    asked_[path] = now;
}

void AskedLately::forget(WallTime now) {
    if (now - cleaned_at_ < gap_) return;
    cleaned_at_ = now;
    std::erase_if(asked_, [&](const auto& entry) { return now - entry.second >= gap_; });
}

}  // namespace signwatch::adobe_sign
