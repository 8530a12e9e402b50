#include <nlohmann/json.hpp>

#include "core/domain/names.hpp"
#include "daemon/cli/commands.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/rows.hpp"
#include "daemon/cli/store_access.hpp"

namespace signwatch::cli {

ExitCode list_watches(const WatchOptions& options, const Context& context) {
    const auto watches = open_view(options.common, context)->watches({options.account, "", options.limit});
    if (options.common.json) {
        auto list = Json::array();
        for (const auto& row : watches)
            list.push_back(watch_json(row));
        print_json(*context.out, {{"watches", std::move(list)}});
    } else {
        watch_table(watches, context.now()).print(*context.out);
    }
    return ExitCode::ok;
}

ExitCode show_watch(const WatchOptions& options, const Context& context) {
    const auto watches = open_view(options.common, context)->watches({options.account, options.target, 1});
    if (watches.empty()) {
        throw Error(
            ErrorKind::permanent, "not_found", "account " + options.account + " has no watch " + options.target);
    }
    if (options.common.json) {
        print_json(*context.out, watch_json(watches.front()));
        return ExitCode::ok;
    }
    const WatchRow& row = watches.front();
    const auto& watch = row.watch;
    Facts facts;
    facts.add("account", watch.key.account);
    facts.add("kind", name_of(watch.key.kind));
    facts.add("target", watch.key.target);
    facts.add("next poll", to_rfc3339(watch.due_at) + " (" + relative_text(watch.due_at, context.now()) + ")");
    facts.add("last poll", time_text(row.last_polled_at));
    facts.add("last answer", time_text(row.last_success_at));
    facts.add("failures in a row", std::to_string(watch.memory.errors));
    facts.add("throttled in a row", std::to_string(watch.memory.throttles));
    facts.add("answers without permitted time", std::to_string(watch.memory.missing_headers));
    facts.print(*context.out);
    return ExitCode::ok;
}

}  // namespace signwatch::cli
