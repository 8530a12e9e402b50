#include "daemon/inbound/flood_gate.hpp"

#include <algorithm>

namespace signwatch::inbound {

FloodGate::Bucket& FloodGate::bucket(const std::string& key, Moment now) {
    const auto [found, added] = buckets_.try_emplace(key, Bucket{burst_, now, {}});
    Bucket& bucket = found->second;
    if (added) {
        if (buckets_.size() > most_keys_) {
            buckets_.erase(buckets_.find(*oldest_first_.front()));
            oldest_first_.pop_front();
        }
        bucket.place = oldest_first_.insert(oldest_first_.end(), &found->first);
        return bucket;
    }
    oldest_first_.splice(oldest_first_.end(), oldest_first_, bucket.place);
    const std::chrono::duration<double> passed = now - bucket.at;
    bucket.tokens = std::min(burst_, bucket.tokens + std::max(0.0, passed.count()) * rate_);
    bucket.at = now;
    return bucket;
}

bool FloodGate::pass(const std::string& key, Moment now) {
    if (rate_ <= 0) return true;
    Bucket& one = bucket(key, now);
    if (one.tokens < 1) return false;
    one.tokens -= 1;
    return true;
}

void FloodGate::charge(const std::string& key, double tokens, Moment now) {
    if (rate_ <= 0) return;
    Bucket& one = bucket(key, now);
    one.tokens = std::max(one.tokens - tokens, -burst_);
}

}  // namespace signwatch::inbound
