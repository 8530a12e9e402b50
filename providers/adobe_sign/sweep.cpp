#include "providers/adobe_sign/sweep.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>

#include "core/domain/error.hpp"
#include "providers/adobe_sign/requests.hpp"
#include "providers/adobe_sign/wire_account.hpp"

namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t most_hits = 10'000;
constexpr int most_pages = 2'000;
constexpr int most_restarts = 3;
constexpr milliseconds narrowest = 2s;

std::vector<std::int64_t> numbers_in(std::string_view text) {
    std::vector<std::int64_t> numbers;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (error != std::errc{} || end != word.data() + word.size()) return {};
        numbers.push_back(number);
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return numbers;
}

std::string in_seconds(std::chrono::sys_seconds time) {
    std::string text = to_rfc3339(time);
    return text.substr(0, text.find('.')) + "Z";
}

std::vector<ProcessHint> hints_of(std::vector<WireAsset> assets) {
    std::vector<ProcessHint> hints;
    for (WireAsset& asset : assets) {
        if (!is_agreement_id(asset.id)) continue;
        ProcessHint& hint = hints.emplace_back();
        hint.process_id = std::move(asset.id);
        hint.reference = std::move(asset.reference);
        hint.token = std::move(asset.token);
        // Of one that has ended for us: either the list is late, or it was restarted.
        hint.restarted = is_running(asset.status);
    }
    return hints;
}

void begin_again(SweepWindow& window) {
    window.index = 0;
    window.total = -1;
    window.pages = 0;
}

// False: it is as narrow as it can be.
bool narrow(SweepWindow& window) {
    const milliseconds length = window.to - window.from;
    if (length <= narrowest) return false;
    window.to = window.from + length / 2;
    begin_again(window);
    return true;
}

// What was modified while we read has left the window, and all that came after it moved up by one.
bool shifted(const SweepWindow& window, const SearchPage& page) {
    return window.total >= 0 && page.total && *page.total < window.total && window.restarts < most_restarts;
}

// nullopt: this was the last page of the last window.
std::optional<SweepWindow> next_window(SweepWindow window, const SearchPage& page) {
    const bool endless = page.total.value_or(0) > most_hits || window.pages >= most_pages;
    if (endless && page.next_index && narrow(window)) return window;
    if (shifted(window, page)) {
        begin_again(window);
        ++window.restarts;
        return window;
    }
    if (page.next_index && window.pages < most_pages) {
        if (*page.next_index <= window.index)
            throw Error(ErrorKind::integrity, "adobe_sweep_stuck", "the next page is not behind this one");
        window.index = *page.next_index;
        if (window.total < 0) window.total = page.total.value_or(-1);
        return window;
    }
    if (window.to >= window.target) return std::nullopt;
    window.from = window.to;
    window.to = window.target;
    window.restarts = 0;
    begin_again(window);
    return window;
}

}  // namespace

SearchPosition search_position(const std::string& bookmark) {
    const auto numbers = numbers_in(bookmark);
    SearchPosition position;
    if (numbers.size() != 1 && numbers.size() != 8) return position;
    if (numbers[0] >= 0) position.watermark = from_unix_ms(numbers[0]);
    if (numbers.size() == 1) return position;
    SweepWindow window;
    window.from = from_unix_ms(numbers[1]);
    window.to = from_unix_ms(numbers[2]);
    window.target = from_unix_ms(numbers[3]);
    window.index = numbers[4];
    window.total = numbers[5];
    window.pages = static_cast<int>(std::clamp<std::int64_t>(numbers[6], 0, most_pages));
    window.restarts = static_cast<int>(std::clamp<std::int64_t>(numbers[7], 0, most_restarts));
    position.window = window;
    return position;
}

std::string to_bookmark(const SearchPosition& position) {
    std::ostringstream text;
    text << (position.watermark ? to_unix_ms(*position.watermark) : -1);
    if (position.window) {
        const SweepWindow& window = *position.window;
        for (const WallTime time : {window.from, window.to, window.target})
            text << ' ' << to_unix_ms(time);
        text << ' ' << window.index << ' ' << window.total << ' ' << window.pages << ' ' << window.restarts;
    }
    return text.str();
}

ListPosition list_position(const std::string& bookmark) {
    ListPosition position;
    const auto blank = bookmark.find(' ');
    const auto pages = numbers_in(bookmark.substr(0, blank));
    if (blank == std::string::npos || pages.size() != 1) return position;
    position.pages = static_cast<int>(std::clamp<std::int64_t>(pages[0], 0, most_pages));
    position.cursor = bookmark.substr(blank + 1);
    return position;
}

std::string to_bookmark(const ListPosition& position) {
    return position.cursor.empty() ? "" : std::to_string(position.pages) + " " + position.cursor;
}

SweepWindow window_of(const SearchPosition& position, WallTime now, const SweepRules& rules) {
    if (position.window) return *position.window;
    SweepWindow window;
    window.target = window.to = now;
    window.from = position.watermark ? *position.watermark - rules.overlap : now - rules.first;
    // Somebody may have set the clock back.
    window.from = std::min(window.from, now - rules.overlap);
    return window;
}

ApiCall search_call(const SweepWindow& window, const SweepRules& rules) {
    std::string types;
    for (const std::string& type : rules.types)
        types += (types.empty() ? "\"" : ",\"") + type + "\"";
    const auto from = std::chrono::floor<std::chrono::seconds>(window.from) - 1s;
    const auto to = std::chrono::ceil<std::chrono::seconds>(window.to) + 1s;
    ApiCall call;
    call.method = "POST";
    call.path = "/search";
    call.headers.push_back({"Accept", "application/json"});
    call.headers.push_back({"Content-Type", "application/json"});
    call.body = R"({"scope":["AGREEMENT_ASSETS"],"agreementAssetsCriteria":{"type":[)" + types +
                R"(],"modifiedDate":{"range":{"gt":")" + in_seconds(from) + R"(","lt":")" + in_seconds(to) +
                R"("}},"startIndex":)" + std::to_string(window.index) + R"(,"pageSize":)" +
                std::to_string(rules.page_size) +
                R"(,"sortByField":"MODIFIED_DATE","sortOrder":"ASC","visibility":"SHOW_ALL"}})";
    call.max_body = 8 << 20;
    return call;
}

ApiCall list_call(const ListPosition& position, const SweepRules& rules) {
    ApiCall call;
    call.path = "/agreements?showHiddenAgreements=true&pageSize=" + std::to_string(rules.page_size);
    if (!position.cursor.empty()) call.path += "&cursor=" + percent_encoded(position.cursor);
    call.headers.push_back({"Accept", "application/json"});
    call.max_body = 8 << 20;
    return call;
}

PollResult read_search_page(const std::string& body,
                            const SearchPosition& position,
                            SweepWindow window,
                            const SweepRules& rules) {
    SearchPage page = parse_search(body);
    ++window.pages;
    SearchPosition next = position;
    next.window = next_window(window, page);
    if (!next.window) next.watermark = window.target;
    PollResult result;
    result.bookmark = to_bookmark(next);
    result.wait = next.window ? milliseconds{0} : rules.interval;
    result.hints = hints_of(std::move(page.assets));
    return result;
}

PollResult read_list_page(const std::string& body, const ListPosition& position, const SweepRules& rules) {
    ListPage page = parse_list(body);
    ListPosition next;
    if (page.next_cursor == position.cursor && !page.next_cursor.empty())
        throw Error(ErrorKind::integrity, "adobe_sweep_stuck", "the next page is this one");
    if (position.pages + 1 < most_pages) {
        next.pages = position.pages + 1;
        next.cursor = std::move(page.next_cursor);
    }
    PollResult result;
    result.bookmark = to_bookmark(next);
    result.wait = next.cursor.empty() ? rules.interval : milliseconds{0};
    result.hints = hints_of(std::move(page.assets));
    return result;
}

}  // namespace signwatch::adobe_sign
