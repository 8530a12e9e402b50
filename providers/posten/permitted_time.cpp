#include "providers/posten/permitted_time.hpp"

#include <algorithm>
#include <cmath>

namespace signwatch::posten {
namespace {

using namespace std::chrono_literals;

constexpr milliseconds cap = 60min;
constexpr milliseconds tolerated_skew = 2s;
constexpr int most_missing_headers = 3;
constexpr int most_throttle_intervals = 20;  // 10 minutes of 30 s

// The provider's clock when it answered, as exactly as we know it.
struct ProviderNow {
    WallTime earliest;
    WallTime latest;
};

// A Date header is cut to whole seconds: the middle of its second is the best guess.
std::optional<milliseconds> skew_of(const AnswerTiming& answer) {
    if (!answer.date) return std::nullopt;
    const auto date = parse_http_date(*answer.date);
    if (!date) return std::nullopt;
    return *date + 500ms - answer.received_at;
}

ProviderNow provider_now(const AnswerTiming& answer, std::optional<milliseconds> skew) {
    if (!skew || std::chrono::abs(*skew) <= tolerated_skew) return {answer.received_at, answer.received_at};
    const WallTime date = answer.received_at + *skew - 500ms;
    return {date, date + 999ms};
}

std::optional<WallTime> permitted_time(const AnswerTiming& answer) {
    return answer.permitted ? parse_iso8601(*answer.permitted) : std::nullopt;
}

milliseconds scaled(milliseconds base, double factor) {
    return milliseconds{static_cast<milliseconds::rep>(std::ceil(static_cast<double>(base.count()) * factor))};
}

milliseconds jitter_of(const AnswerTiming& answer, const Pacing& pacing) {
    return scaled(pacing.floor, 0.25 + 0.75 * std::clamp(answer.jitter, 0.0, 1.0));
}

milliseconds until(WallTime permitted, const ProviderNow& now, NextPoll& next) {
    const milliseconds ahead = permitted - now.earliest;
    next.permitted_time_capped = ahead > cap;
    return std::min(ahead, cap);
}

void after_update(const AnswerTiming& answer, const ProviderNow& now, const Pacing& pacing, NextPoll& next) {
    const auto permitted = permitted_time(answer);
    if (permitted) {
        // Within the second that Date leaves open it may just as well be now, and after an update it nearly always is.
        if (*permitted > now.latest) next.wait = until(*permitted, now, next);
        next.memory.missing_headers = 0;
        return;
    }
    next.permitted_time_missing = true;
    next.memory.missing_headers = std::min(next.memory.missing_headers + 1, most_missing_headers);
    if (next.memory.missing_headers >= most_missing_headers) next.wait = pacing.empty;
}

void after_empty(const AnswerTiming& answer, const ProviderNow& now, const Pacing& pacing, NextPoll& next) {
    const auto permitted = permitted_time(answer);
    if (!permitted) {
        next.permitted_time_missing = true;
        next.wait = pacing.empty;
        return;
    }
    next.memory.missing_headers = 0;
    if (*permitted > now.earliest)
        next.wait = until(*permitted, now, next) + jitter_of(answer, pacing);
    else
        next.wait = std::max(pacing.floor, pacing.throttle);
}

milliseconds doubled(const AnswerTiming& answer, int throttles, const Pacing& pacing) {
    const int doublings = std::min(throttles - 1, 5);
    const int intervals = std::min(1 << doublings, most_throttle_intervals);
    return pacing.throttle * intervals + jitter_of(answer, pacing);
}

void after_throttle(const AnswerTiming& answer, const ProviderNow& now, const Pacing& pacing, NextPoll& next) {
    next.for_account = true;
    next.memory.throttles = std::min(next.memory.throttles + 1, 1'000);
    const auto permitted = permitted_time(answer);
    if (permitted)
        next.wait = *permitted > now.earliest ? until(*permitted, now, next) + pacing.floor : pacing.throttle;
    if (!permitted || answer.dos_filter) {
        next.wait = std::max(next.wait, doubled(answer, next.memory.throttles, pacing));
    }
    next.permitted_time_missing = !permitted;
}

}  // namespace

AnswerTiming AnswerTiming::of(const HttpResponse& response, WallTime received_at, double jitter) {
    AnswerTiming timing;
    timing.status = response.status;
    timing.permitted = response.header("X-Next-permitted-poll-time");
    timing.date = response.header("Date");
    timing.dos_filter = response.header("DoSFilter").has_value();
    timing.received_at = received_at;
    timing.jitter = jitter;
    return timing;
}

NextPoll next_poll(const AnswerTiming& answer, const PollMemory& before, const Pacing& pacing) {
    NextPoll next;
    next.memory = before;
    next.memory.errors = 0;
    next.clock_skew = skew_of(answer);
    const ProviderNow now = provider_now(answer, next.clock_skew);
    if (answer.status == 429) {
        after_throttle(answer, now, pacing, next);
        return next;
    }
    next.memory.throttles = 0;
    if (answer.status == 204)
        after_empty(answer, now, pacing, next);
    else
        after_update(answer, now, pacing, next);
    return next;
}

std::optional<milliseconds> permitted_in(const AnswerTiming& answer) {
    const auto permitted = permitted_time(answer);
    if (!permitted) return std::nullopt;
    const milliseconds ahead = *permitted - provider_now(answer, skew_of(answer)).earliest;
    if (ahead <= 0ms) return std::nullopt;
    return std::min(ahead, cap);
}

}  // namespace signwatch::posten
