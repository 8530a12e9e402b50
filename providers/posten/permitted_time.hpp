#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/domain/time.hpp"
#include "core/domain/watch.hpp"
#include "core/ports/http.hpp"

namespace signwatch::posten {

/// The waits that the decision table (posten-arqsign 1.4.2) leaves to us. Only a custom environment may shorten them.
struct Pacing {
    milliseconds empty{std::chrono::minutes{10}};  ///< EMPTY: an answer that should tell the permitted time does not
    milliseconds floor{std::chrono::seconds{1}};   ///< FLOOR: margin after a 429, and the scale of the jitter
    milliseconds throttle{
        std::chrono::seconds{30}};  ///< a 429 without a time, and a permitted time that lies in the past
};

/// What one answer says about time.
struct AnswerTiming {
    int status = 0;
    std::optional<std::string_view> permitted;  ///< X-Next-permitted-poll-time
    std::optional<std::string_view> date;       ///< Date
    bool dos_filter = false;                    ///< the header DoSFilter is present
    WallTime received_at;                       ///< our civil clock when the answer came
    double jitter = 0;                          ///< random, 0 to 1

    static AnswerTiming of(const HttpResponse& response, WallTime received_at, double jitter);
};

struct NextPoll {
    milliseconds wait{};  ///< from `received_at`
    bool for_account = false;
    PollMemory memory;
    std::optional<milliseconds> clock_skew;
    bool permitted_time_missing = false;
    bool permitted_time_capped = false;
};

/// The decision table for a status of 2xx or 429. `before` is what the previous polls of this watch left.
NextPoll next_poll(const AnswerTiming& answer, const PollMemory& before, const Pacing& pacing);

/// How far the permitted time of any other answer lies ahead; nullopt if it names none or one that has passed.
std::optional<milliseconds> permitted_in(const AnswerTiming& answer);

}  // namespace signwatch::posten
