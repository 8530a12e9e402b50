#include <map>

#include <nlohmann/json.hpp>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/event_line.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/rows.hpp"
#include "daemon/cli/store_access.hpp"

namespace signwatch::cli {
namespace {

constexpr milliseconds look_interval{100};
constexpr milliseconds confirmation_patience{2'000};
constexpr std::size_t page = 256;

void print_event(const EventRow& row, bool json, std::ostream& out) {
    if (json) {
        print_json_line(out, event_json(row));
    } else {
        out << event_line(row) << std::endl;
    }
}

/// Gives events in the order of their entries, each once it is published and, if a confirmation is under way, that has
/// ended or had its two seconds.
class Follower {
public:
    Follower(StateView& view, EntryId after, std::function<WallTime()> now)
        : view_(view), after_(after), now_(std::move(now)) {}

    std::vector<EventRow> ripe() {
        const auto now = now_();
        std::vector<EventRow> result;
        bool in_order = true;
        for (auto& row : view_.events(after_, page)) {
            if (!row.published) break;
            const auto entry = row.event.entry;
            const auto seen = seen_published_.emplace(entry, now).first->second;
            in_order = in_order && (row.acknowledgement != "pending" || now - seen >= confirmation_patience);
            if (in_order) result.push_back(std::move(row));
        }
        return result;
    }

    void passed(EntryId entry) {
        after_ = entry;
        seen_published_.erase(seen_published_.begin(), seen_published_.upper_bound(entry));
    }

private:
    StateView& view_;
    EntryId after_;
    std::function<WallTime()> now_;
    std::map<EntryId, WallTime> seen_published_;
};

}  // namespace

ExitCode list_events(const EventListOptions& options, const Context& context) {
    const auto rows = open_view(options.common, context)->events(options.after, options.limit);
    if (options.common.json) {
        auto list = Json::array();
        for (const auto& row : rows)
            list.push_back(event_json(row));
        print_json(*context.out, {{"events", std::move(list)}});
        return ExitCode::ok;
    }
    for (const auto& row : rows)
        *context.out << event_line(row) << '\n';
    if (!rows.empty() && rows.size() == options.limit) {
        *context.err << "there may be more: --after " << to_string(rows.back().event.entry) << '\n';
    }
    return ExitCode::ok;
}

ExitCode tail_events(const EventTailOptions& options, const Context& context) {
    const auto view = open_view(options.common, context);
    const auto began = context.now();
    Follower follower(*view, options.from_beginning ? EntryId{} : view->last_entry(), context.now);
    std::size_t printed = 0;
    for (;;) {
        for (const auto& row : follower.ripe()) {
            if (options.count && printed == *options.count) return ExitCode::ok;
            print_event(row, options.common.json, *context.out);
            follower.passed(row.event.entry);
            ++printed;
        }
        if (options.count && printed >= *options.count) return ExitCode::ok;
        if (options.timeout && context.now() - began >= *options.timeout) break;
        context.pause(look_interval);
    }
    if (!options.count) return ExitCode::ok;
    *context.err << "signwatch: only " << printed << " of " << *options.count << " events came in time\n";
    return ExitCode::runtime;
}

}  // namespace signwatch::cli
