#include "providers/adobe_sign/asked_lately.hpp"

#include "core/domain/error.hpp"

namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;

// Of the tier that allows three in a minute, one from before a restart does no harm.
constexpr milliseconds long_gap = 1min;

[[noreturn]] void too_early(milliseconds left) {
    Error error(ErrorKind::transient, "adobe_asked_lately", "the same was asked less than the polling interval ago");
    throw error.with_retry_after(left);
}

}  // namespace

AskedLately::AskedLately(milliseconds gap, WallTime started)
    : gap_(gap), unknown_until_(gap > long_gap ? started + gap : started), cleaned_at_(started) {}

void AskedLately::note(const std::string& path, WallTime now) {
    const auto known = asked_.find(path);
    const WallTime free_at = known == asked_.end() ? unknown_until_ : known->second + gap_;
    if (free_at > now) too_early(free_at - now);
    forget(now);
    asked_[path] = now;
}

void AskedLately::forget(WallTime now) {
    if (now - cleaned_at_ < gap_) return;
    cleaned_at_ = now;
    std::erase_if(asked_, [&](const auto& entry) { return now - entry.second >= gap_; });
}

}  // namespace signwatch::adobe_sign
