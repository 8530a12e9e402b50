#include <nlohmann/json.hpp>

#include "daemon/cli/commands.hpp"
#include "daemon/cli/output.hpp"
#include "daemon/cli/rows.hpp"
#include "daemon/cli/store_access.hpp"

namespace signwatch::cli {
namespace {

struct Whereabouts {
    config::StoreSettings store;
    config::Endpoint internal;
};

struct Status {
    config::Endpoint internal;
    std::optional<ReadyAnswer> answer;
    StoreSummary summary;
    std::vector<WatchRow> watches;

    bool ready() const { return answer && answer->status == 200; }
};

Whereabouts find_both(const StatusOptions& options, const Context& context) {
    Whereabouts places;
    if (options.common.store.empty()) {
        const auto configuration =
            config::load(options.common.config_path, context.providers, config::FileChecks::none);
        places = {configuration.store, configuration.listen.internal};
    } else {
        places.store.directory = options.common.store;
        places.internal = config::ListenSettings{}.internal;
    }
    if (options.internal) places.internal = *options.internal;
    return places;
}

std::string age_text(const std::optional<WallTime>& since, WallTime now) {
    return since ? ", the oldest " + relative_text(*since, now) : "";
}

std::string notifications_text(const StoreSummary& summary, WallTime now) {
    std::string text = std::to_string(summary.notifications) + " not read yet";
    text += age_text(summary.oldest_notification, now);
    if (summary.notifications_aside > 0) text += "; " + std::to_string(summary.notifications_aside) + " set aside";
    return text;
}

Json daemon_json(const Status& status) {
    Json json{{"address", status.internal.text()}, {"reachable", status.answer.has_value()}, {"ready", status.ready()}};
    json["detail"] = nullptr;
    if (status.answer) {
        auto detail = Json::parse(status.answer->body, nullptr, false);
        json["detail"] = detail.is_discarded() ? Json(status.answer->body) : std::move(detail);
    }
    return json;
}

Json summary_json(const StoreSummary& summary) {
    return {{"schema_version", summary.schema_version},
            {"watches", summary.watches},
            {"processes", summary.processes},
            {"documents", summary.documents},
            {"unacknowledged", summary.unacknowledged},
            {"oldest_unacknowledged", time_or_null(summary.oldest_unacknowledged)},
            {"outbox_depth", summary.outbox_depth},
            {"oldest_unpublished", time_or_null(summary.oldest_unpublished)},
            {"notifications", summary.notifications},
            {"oldest_notification", time_or_null(summary.oldest_notification)},
            {"notifications_aside", summary.notifications_aside},
            {"parked", summary.parked},
            {"unreadable", summary.unreadable}};
}

void print_status_json(std::ostream& out, const Status& status) {
    auto watches = Json::array();
    for (const auto& row : status.watches)
        watches.push_back(watch_json(row));
    print_json(
        out,
        {{"daemon", daemon_json(status)}, {"store", summary_json(status.summary)}, {"watches", std::move(watches)}});
}

std::string daemon_text(const Status& status) {
    if (!status.answer) return "not reachable at " + status.internal.text();
    return (status.ready() ? "ready at " : "not ready at ") + status.internal.text();
}

// What is not as it should be: a provider that fails, a budget that stretches intervals. False: the answer is no list.
bool print_degraded(std::ostream& out, const std::string& body) {
    const auto detail = Json::parse(body, nullptr, false);
    if (!detail.is_object() || !detail.contains("checks")) return false;
    for (const auto& check : detail["checks"]) {
        if (!check.is_object() || check.value("state", "ok") == "ok") continue;
        out << '\n' << printable(check.value("name", "") + ": " + check.value("detail", "")) << '\n';
    }
    return true;
}

void print_status(std::ostream& out, const Status& status, WallTime now) {
    const auto& summary = status.summary;
    Facts facts;
    facts.add("daemon", daemon_text(status));
    facts.add("processes", std::to_string(summary.processes));
    facts.add("documents", std::to_string(summary.documents));
    facts.add("unconfirmed", std::to_string(summary.unacknowledged) + age_text(summary.oldest_unacknowledged, now));
    facts.add("unpublished", std::to_string(summary.outbox_depth) + age_text(summary.oldest_unpublished, now));
    facts.add("notifications", notifications_text(summary, now));
    facts.add("parked", std::to_string(summary.parked));
    facts.add("unreadable answers", std::to_string(summary.unreadable));
    facts.add("schema", std::to_string(summary.schema_version));
    facts.print(out);
    const bool told = status.answer && print_degraded(out, status.answer->body);
    if (status.answer && !status.ready() && !told) out << "\n/readyz says: " << printable(status.answer->body) << '\n';
    out << '\n';
    watch_table(status.watches, now).print(out);
}

}  // namespace

ExitCode show_status(const StatusOptions& options, const Context& context) {
    const auto places = find_both(options, context);
    const auto view = open_view(places.store, context);
    const Status status{places.internal, context.ask_ready(places.internal), view->summary(), view->watches({})};
    if (options.common.json) {
        print_status_json(*context.out, status);
    } else {
        print_status(*context.out, status, context.now());
    }
    return status.answer ? ExitCode::ok : ExitCode::dependency;
}

}  // namespace signwatch::cli
