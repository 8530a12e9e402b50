#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "core/ports/clock.hpp"

namespace signwatch::runtime {

/// The real clock. Its schedule timeline is a fixed offset to the time since boot (CLOCK_BOOTTIME), so setting the
/// civil clock does not move it; `anchor` carries that offset over a restart of the daemon within one boot.
class SystemClock : public Clock {
public:
    explicit SystemClock(boost::asio::any_io_executor loop);

    /// The anchor of this process, to be kept in the store: "<boot id> <offset in ms>".
    std::string anchor() const;

    /// Adopts the anchor of an earlier process if it is from this boot; else keeps our own. Call before anything is
    /// scheduled.
    void adopt(const std::string& anchor);

    /// Our schedule timeline as an offset to the time since boot.
    milliseconds offset() const { return offset_; }
    /// Goes by this offset. Call before anything is scheduled.
    void begin_at(milliseconds offset) {
        offset_ = offset;
        latest_ = {};
    }
    /// Goes by another offset from now on; a timeline that would jump back stands still instead.
    void follow(milliseconds offset) { offset_ = offset; }

    WallTime now() const override;
    WallTime schedule_now() const override;
    std::chrono::steady_clock::time_point steady_now() const override;
    Task<void> sleep_until(WallTime due, Wake& wake) override;

    /// How far the civil clock is ahead of the schedule timeline: not near zero after somebody set the clock.
    milliseconds civil_offset() const { return std::chrono::duration_cast<milliseconds>(now() - schedule_now()); }

private:
    boost::asio::any_io_executor loop_;
    std::string boot_id_;
    milliseconds offset_;
    mutable WallTime latest_{};  ///< the latest answer: none is earlier
};

}  // namespace signwatch::runtime
