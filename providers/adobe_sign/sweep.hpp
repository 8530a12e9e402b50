#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/ports/provider.hpp"
#include "providers/adobe_sign/api_call.hpp"
#include "providers/adobe_sign/config.hpp"

/// The reconciling sweep: one page a poll, its place in the watch's bookmark (adobe-signhub 1.3, search and list).
/// Every agreement found is a hint and no more: lists lag behind and tell the caller's view. Pure functions; civil
/// time.
namespace signwatch::adobe_sign {

/// What was modified between two moments, page by page. A window with more hits than can be paged through is halved.
struct SweepWindow {
    WallTime from{};
    WallTime to{};
    WallTime target{};  ///< how far this sweep shall come, in one window or several
    std::int64_t index = 0;
    std::int64_t total = -1;  ///< hits on the first page; -1: not told
    int pages = 0;
    int restarts = 0;

    bool operator==(const SweepWindow&) const = default;
};

/// How far a search has come; the watermark moves only when all pages up to it have been read.
struct SearchPosition {
    std::optional<WallTime> watermark;
    std::optional<SweepWindow> window;  ///< under way
};

/// How far a list has come.
struct ListPosition {
    int pages = 0;
    std::string cursor;
};

/// A bookmark that is none of ours counts as empty: the sweep begins anew.
SearchPosition search_position(const std::string& bookmark);
ListPosition list_position(const std::string& bookmark);
std::string to_bookmark(const SearchPosition& position);
std::string to_bookmark(const ListPosition& position);

/// The window to read now: the one under way, or a new one from the watermark (less the overlap) until now.
SweepWindow window_of(const SearchPosition& position, WallTime now, const SweepRules& rules);

ApiCall search_call(const SweepWindow& window, const SweepRules& rules);
ApiCall list_call(const ListPosition& position, const SweepRules& rules);

/// Reads one page: its hints, the new bookmark, and when to go on (0: at once). Throws Error(integrity) for a body that
/// cannot be read.
PollResult read_search_page(const std::string& body,
                            const SearchPosition& position,
                            SweepWindow window,
                            const SweepRules& rules);
PollResult read_list_page(const std::string& body, const ListPosition& position, const SweepRules& rules);

}  // namespace signwatch::adobe_sign
