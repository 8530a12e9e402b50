#pragma once

#include <cstddef>
#include <utility>

namespace signwatch::listener {

/// Counts the bytes of all bodies that are held at once. Event-loop thread; outlives its shares.
class BodyBudget {
public:
    explicit BodyBudget(std::size_t most) : most_(most) {}

    /// 0: no limit. Fewer than are held: none are added until some are gone.
    void set_most(std::size_t most) { most_ = most; }
    std::size_t held() const { return held_; }

private:
    friend class BodyShare;
    std::size_t most_;
    std::size_t held_ = 0;
};

/// One body's part of a budget, given back when destroyed. Move only.
class BodyShare {
public:
    BodyShare() = default;
    explicit BodyShare(BodyBudget& budget) : budget_(&budget) {}
    BodyShare(BodyShare&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
    BodyShare& operator=(BodyShare&& other) noexcept {
        std::swap(budget_, other.budget_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }
    BodyShare(const BodyShare&) = delete;
    BodyShare& operator=(const BodyShare&) = delete;
    ~BodyShare() {
        if (budget_) budget_->held_ -= bytes_;
    }

    /// The body has that many bytes now; false if the budget has no room for more, and then nothing has changed.
    bool grow(std::size_t bytes) {
        if (bytes <= bytes_) return true;
        const std::size_t more = bytes - bytes_;
        if (budget_->most_ != 0 && budget_->held_ + more > budget_->most_) return false;
        budget_->held_ += more;
        bytes_ = bytes;
        return true;
    }

private:
    BodyBudget* budget_ = nullptr;
    std::size_t bytes_ = 0;
};

}  // namespace signwatch::listener
