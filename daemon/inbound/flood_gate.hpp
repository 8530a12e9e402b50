#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <string>

namespace signwatch::inbound {

/// One token bucket for each of many keys. Holds a bounded number of them: the one that was asked after longest ago
/// gives way. Event-loop thread.
class FloodGate {
public:
    using Moment = std::chrono::steady_clock::time_point;

    /// `rate` 0: everybody passes.
    FloodGate(double rate, double burst, std::size_t most_keys = 10'000)
        : rate_(rate), burst_(burst), most_keys_(most_keys) {}

    /// Takes a token, if there is one.
    bool pass(const std::string& key, Moment now);
    /// Takes more of them, and into debt if need be: for what a request turned out to cost.
    void charge(const std::string& key, double tokens, Moment now);

    std::size_t keys() const { return buckets_.size(); }

private:
    struct Bucket {
        double tokens;
        Moment at;
        std::list<const std::string*>::iterator place;
    };
    Bucket& bucket(const std::string& key, Moment now);

    double rate_;
    double burst_;
    std::size_t most_keys_;
    std::map<std::string, Bucket> buckets_;
    std::list<const std::string*> oldest_first_;
};

}  // namespace signwatch::inbound
