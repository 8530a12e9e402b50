#include "core/documents/s3/key_turns.hpp"

#include <utility>

namespace signwatch::s3 {

Task<KeyTurns::Turn> KeyTurns::take(std::string key) {
    while (taken_.contains(key) || taken_.size() >= most_)
        co_await freed_.wait();
    taken_.insert(key);
    co_return Turn(*this, std::move(key));
}

void KeyTurns::leave(const std::string& key) {
    taken_.erase(key);
    freed_.notify_all();
}

}  // namespace signwatch::s3
