#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>

#include "core/runtime/condition.hpp"

namespace signwatch::s3 {

/// One at a time for each key, and no more than so many in all: keeps a put and a removal of the same document apart,
/// and bounds the memory of puts. Event-loop thread; outlives its turns.
class KeyTurns {
public:
    KeyTurns(const boost::asio::any_io_executor& loop, std::size_t most) : most_(most), freed_(loop) {}

    /// Held until it is destroyed.
    class Turn {
    public:
        Turn(KeyTurns& owner, std::string key) : owner_(&owner), key_(std::move(key)) {}
        Turn(Turn&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), key_(std::move(other.key_)) {}
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (owner_) owner_->leave(key_);
        }

    private:
        KeyTurns* owner_;
        std::string key_;
    };

    /// Waits for its turn.
    Task<Turn> take(std::string key);

private:
    void leave(const std::string& key);

    std::size_t most_;
    std::set<std::string> taken_;
    runtime::Condition freed_;
};

}  // namespace signwatch::s3
