#include <gtest/gtest.h>

#include "core/domain/event.hpp"
#include "core/domain/names.hpp"
#include "core/domain/time.hpp"

namespace signwatch {
namespace {

using namespace std::chrono;

WallTime at(int y, unsigned mo, unsigned d, int h, int mi, int s, int ms) {
    return WallTime{sys_days{year{y} / month{mo} / day{d}} + hours{h} + minutes{mi} + seconds{s} + milliseconds{ms}};
}

TEST(Iso8601, reads_every_documented_form) {
    const WallTime sample = at(2019, 4, 22, 9, 39, 46, 610);
    EXPECT_EQ(parse_iso8601("2019-04-22T10:39:46.610+01:00"), sample);
    EXPECT_EQ(parse_iso8601(" 2019-04-22t09:39:46.61z "), sample);
    EXPECT_EQ(parse_iso8601("2019-04-22T10:39:46.6100000+01"), sample);
    EXPECT_EQ(parse_iso8601("2019-04-22T10:39:46.610+01:00[Europe/Oslo]"), sample);
    EXPECT_EQ(parse_iso8601("2019-04-22T10:39:46.610+01:00:00"), sample);
    EXPECT_EQ(parse_iso8601("2019-04-22T09:39Z"), at(2019, 4, 22, 9, 39, 0, 0));
}

TEST(Iso8601, rounds_fractions_up_so_that_nothing_comes_early) {
    EXPECT_EQ(parse_iso8601("2019-04-22T09:39:46.6100001Z"), at(2019, 4, 22, 9, 39, 46, 611));
    EXPECT_EQ(parse_iso8601("2019-04-22T09:39:46.999999999Z"), at(2019, 4, 22, 9, 39, 47, 0));
}

TEST(Iso8601, refuses_what_is_malformed_or_without_offset) {
    for (const char* text : {"2019-04-22T10:39:46.610",
                             "",
                             "now",
                             "2019-13-22T10:39:46Z",
                             "2019-02-30T10:39:46Z",
                             "2019-04-22 10:39:46Z",
                             "2019-04-22T24:00:00Z",
                             "2019-04-22T10:39:46.Z",
                             "2019-04-22T10:39:46+1:00",
                             "2019-04-22T10:39:46.0123456789Z",
                             "2019-04-22T10:39:46Zjunk",
                             "2019-04-22T10:39:61Z"}) {
        EXPECT_EQ(parse_iso8601(text), std::nullopt) << text;
    }
}

TEST(HttpDate, reads_imf_fixdate_only) {
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), at(1994, 11, 6, 8, 49, 37, 0));
    EXPECT_EQ(parse_http_date("06 Nov 1994"), std::nullopt);
}

TEST(Rfc3339, prints_milliseconds_in_utc) {
    EXPECT_EQ(to_rfc3339(at(2026, 3, 4, 10, 2, 11, 120)), "2026-03-04T10:02:11.120Z");
}

TEST(EntryId, round_trips_and_orders) {
    EXPECT_EQ(parse_entry_id("1700000000000-12"), (EntryId{1700000000000U, 12}));
    EXPECT_EQ(to_string(EntryId{5, 7}), "5-7");
    EXPECT_LT((EntryId{5, 7}), (EntryId{6, 0}));
    for (const char* text : {"", "5", "5-", "-5", "5-7x", "a-1"})
        EXPECT_EQ(parse_entry_id(text), std::nullopt) << text;
}

TEST(Names, are_inverse) {
    EXPECT_EQ(from_name<ProcessState>(name_of(ProcessState::in_progress)), ProcessState::in_progress);
    EXPECT_EQ(from_name<DocumentKind>("pades"), DocumentKind::pades);
    EXPECT_EQ(from_name<Stage>("nonsense"), std::nullopt);
}

}  // namespace
}  // namespace signwatch
