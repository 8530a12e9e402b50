#include "core/telemetry/metrics.hpp"

#include <cstdio>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "core/ports/clock.hpp"
#include "core/telemetry/log.hpp"
#include "core/telemetry/reason_codes.hpp"
#include "core/telemetry/telemetry_observer.hpp"
#include "tests/fakes/child_process.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::telemetry {
namespace {

using namespace std::chrono_literals;

class StillClock : public Clock {
public:
    WallTime now() const override { return from_unix_ms(2'000'000); }
    WallTime schedule_now() const override { return from_unix_ms(1'000'000); }
    std::chrono::steady_clock::time_point steady_now() const override { return {}; }
    Task<void> sleep_until(WallTime, Wake&) override { co_return; }
};

struct MetricsTest : ::testing::Test {
    std::ostringstream out;
    Log log{LogFormat::json, Level::debug, out};
    Metrics metrics{"1.2.3", log};
    StillClock clock;
    TelemetryObserver observer{metrics, log.logger("pipeline"), clock};
    const WatchKey queue{"acme", WatchKind::queue, "portal"};

    bool shows(const std::string& series) const {
        return ("\n" + metrics.render()).find("\n" + series + "\n") != std::string::npos;
    }
    bool logged(const std::string& text) const { return out.str().find(text) != std::string::npos; }
};

StatusUpdate make_update(ProcessState state) {
    StatusUpdate update;
    update.account = "acme";
    update.process_id = "4711";
    update.state = state;
    update.provider_status = "WORD";
    update.acknowledge_at = Sensitive("https://host/secret-address");
    return update;
}

/// One of everything, so that every series exists.
void tell_everything(TelemetryObserver& observer, const WatchKey& queue) {
    const Error transient(ErrorKind::transient, "http_503", "answered with 503");
    const Error integrity(ErrorKind::integrity, "pdf_unsigned", "no signature");
    PollReport report;
    report.clock_skew = 1500ms;
    report.permitted_time_missing = true;
    report.permitted_time_capped = true;
    report.next_due = from_unix_ms(1'060'000);
    report.lateness = -3ms;
    for (const PollVerdict verdict :
         {PollVerdict::updated, PollVerdict::empty, PollVerdict::throttled, PollVerdict::unreadable}) {
        report.verdict = verdict;
        observer.poll_finished(queue, report);
    }
    observer.poll_failed(queue, transient, from_unix_ms(1'090'000));
    observer.poll_before_permitted(queue);
    StatusUpdate update = make_update(ProcessState::unknown);
    update.participants.emplace_back();
    observer.update_recorded(update, Recorded::added);
    observer.update_recorded(update, Recorded::committed);
    observer.answer_unreadable(queue, "xml_doctype");
    StoredDocument document;
    document.digest.size = 200'000;
    observer.document_stored(update, document, 1200us);
    observer.document_rejected(update, DocumentKind::xades, integrity);
    observer.update_committed(update, "io.signwatch.signature.completed.v1");
    observer.acknowledged(update, AcknowledgeResult::done, 400s);
    observer.acknowledged_before_durable(update);
    observer.update_deferred(update, transient, from_unix_ms(1'001'000));
    observer.update_parked(update, integrity);
    observer.events_published(2, 30ms);
    observer.publish_failed(Error(ErrorKind::transient, "redis_io", "broken"), from_unix_ms(1'001'000));
    observer.stream_tail_lost(5);
    observer.command_finished({"process.add", "acme", "4711", "added"});
    observer.command_finished({"process.remove", "01017012345", "somebody", "refused"});
    observer.command_dead("not_json");
    observer.command_dead("made up by somebody");
    observer.loop_troubled("line", Error(ErrorKind::transient, "store_io", "disk"));
}

TEST_F(MetricsTest, what_must_never_happen_shows_zero_from_the_start) {
    EXPECT_TRUE(shows("signwatch_polls_before_permitted_total 0"));
    EXPECT_TRUE(shows("signwatch_acknowledged_before_durable_total 0"));
    EXPECT_TRUE(shows("signwatch_stream_tail_lost_total 0"));
    EXPECT_TRUE(shows(R"(signwatch_unknown_job_status_total{provider="posten"} 0)"));
    EXPECT_TRUE(shows("signwatch_log_redactions_total 0"));
    EXPECT_TRUE(shows(R"(signwatch_build_info{version="1.2.3"} 1)"));
}

TEST_F(MetricsTest, a_declared_account_has_its_series_before_anything_happens) {
    metrics.declare_account("acme", ProviderKind::posten);
    EXPECT_TRUE(shows(R"(signwatch_polls_total{account="acme",result="updated"} 0)"));
    EXPECT_TRUE(shows(R"(signwatch_poll_last_success_timestamp_seconds{account="acme"} 0)"));
    EXPECT_TRUE(shows(R"(signwatch_acknowledges_total{account="acme",result="done"} 0)"));
}

TEST_F(MetricsTest, everything_told_is_counted) {
    metrics.declare_account("acme", ProviderKind::posten);
    tell_everything(observer, queue);
    metrics.admin_request("list", 200);
    for (const char* series : {
             R"(signwatch_admin_requests_total{route="list",status="200"} 1)",
             R"(signwatch_polls_total{account="acme",result="updated"} 1)",
             R"(signwatch_polls_total{account="acme",result="transient"} 1)",
             R"(signwatch_poll_throttled_total{account="acme"} 1)",
             R"(signwatch_poll_duration_seconds_count{account="acme"} 4)",
             R"(signwatch_poll_lateness_seconds_sum{account="acme"} 0)",
             R"(signwatch_poll_last_success_timestamp_seconds{account="acme"} 2000)",
             R"(signwatch_poll_next_permitted_timestamp_seconds{account="acme"} 2090)",
             R"(signwatch_provider_up{account="acme",provider="posten"} 0)",
             R"(signwatch_clock_skew_seconds{account="acme"} 1.5)",
             R"(signwatch_polls_before_permitted_total 1)",
             R"(signwatch_unknown_job_status_total{provider="posten"} 1)",
             R"(signwatch_unknown_signer_status_total{provider="posten"} 1)",
             R"(signwatch_redeliveries_total{account="acme"} 1)",
             R"(signwatch_answers_unreadable_total{reason="xml_doctype"} 1)",
             R"(signwatch_documents_fetched_total{kind="pades",provider="posten",result="stored"} 1)",
             R"(signwatch_documents_fetched_total{kind="xades",provider="posten",result="rejected"} 1)",
             R"(signwatch_document_rejected_total{reason="pdf_unsigned"} 1)",
             R"(signwatch_document_bytes_total 200000)",
             R"(signwatch_document_persist_duration_seconds_count 1)",
             R"(signwatch_acknowledges_total{account="acme",result="done"} 1)",
             R"(signwatch_acknowledge_deadline_seconds_bucket{le="360"} 0)",
             R"(signwatch_acknowledge_deadline_seconds_bucket{le="450"} 1)",
             R"(signwatch_acknowledged_before_durable_total 1)",
             R"(signwatch_retries_total{reason="http_503"} 1)",
             R"(signwatch_updates_parked_total{reason="pdf_unsigned"} 1)",
             R"(signwatch_events_published_total{result="published"} 2)",
             R"(signwatch_events_published_total{result="failed"} 1)",
             R"(signwatch_redis_connected 0)",
             R"(signwatch_stream_tail_lost_total 1)",
             R"(signwatch_commands_total{outcome="added",type="process.add"} 1)",
             R"(signwatch_commands_total{outcome="refused",type="process.remove"} 1)",
             R"(signwatch_commands_dead_total{reason="not_json"} 1)",
             R"(signwatch_commands_dead_total{reason="other"} 1)",
             R"(signwatch_loop_troubles_total{reason="store_io"} 1)",
         }) {
        EXPECT_TRUE(shows(series)) << series;
    }
    EXPECT_TRUE(logged("\"account\":\"acme\"") && logged("\"process\":\"4711\"") &&
                logged("\"error_code\":\"pdf_unsigned\""));
    EXPECT_FALSE(logged("secret-address"));
    EXPECT_FALSE(logged("somebody"));
}

TEST_F(MetricsTest, stopping_is_no_failure) {
    const Error cancelled(ErrorKind::cancelled, "cancelled", "stopping");
    observer.poll_failed(queue, cancelled, from_unix_ms(0));
    EXPECT_EQ(out.str(), "");
    EXPECT_EQ(metrics.render().find("result=\"cancelled\""), std::string::npos);
}

TEST_F(MetricsTest, an_unheard_of_code_becomes_other) {
    EXPECT_EQ(bounded_reason("http_503"), "http_503");
    EXPECT_EQ(bounded_reason("body_cut"), "body_cut");
    EXPECT_EQ(bounded_reason("xml_too_large"), "xml_too_large");
    for (const char* code : {"", "zzz", "HTTP_503", "http_503 ", "01019012345"})
        EXPECT_EQ(bounded_reason(code), "other") << code;
    for (int i = 0; i < 1000; ++i)
        metrics.retry("code_" + std::to_string(i));
    EXPECT_TRUE(shows(R"(signwatch_retries_total{reason="other"} 1000)"));
}

TEST_F(MetricsTest, the_summary_of_the_store_becomes_gauges) {
    StoreSummary summary;
    summary.unacknowledged = 3;
    summary.oldest_unacknowledged = from_unix_ms(1'500'500);
    summary.outbox_depth = 7;
    summary.parked = 1;
    summary.unreadable = 2;
    summary.notifications = 5;
    summary.oldest_notification = from_unix_ms(2'500);
    summary.notifications_aside = 6;
    summary.schema_version = 4;
    metrics.set_summary(summary);
    EXPECT_TRUE(shows("signwatch_unacknowledged_updates 3"));
    EXPECT_TRUE(shows("signwatch_unacknowledged_oldest_timestamp_seconds 1500.5"));
    EXPECT_TRUE(shows("signwatch_outbox_depth 7"));
    EXPECT_TRUE(shows("signwatch_outbox_oldest_timestamp_seconds 0"));
    EXPECT_TRUE(shows("signwatch_parked_updates 1"));
    EXPECT_TRUE(shows("signwatch_unreadable_answers 2"));
    EXPECT_TRUE(shows("signwatch_notifications_queued 5"));
    EXPECT_TRUE(shows("signwatch_notifications_oldest_timestamp_seconds 2.5"));
    EXPECT_TRUE(shows("signwatch_notifications_aside 6"));
    EXPECT_TRUE(shows("signwatch_schema_version 4"));
}

TEST_F(MetricsTest, webhooks_hints_and_sweeps_are_counted) {
    metrics.declare_account("acme", ProviderKind::adobe_sign);
    WebhookReport report;
    report.account = "acme";
    report.result = WebhookResult::queued;
    observer.webhook_received(report);
    report.account = "";
    report.result = WebhookResult::refused;
    report.reason = "made up by a stranger";
    observer.webhook_received(report);
    HintCounts counts;
    counts.hurried = 2;
    counts.unknown = 3;
    observer.hints_applied("acme", Via::sweep, counts);
    observer.notification_dead("acme", "json_syntax");
    observer.webhooks_seen("acme", false);
    PollReport swept;
    observer.poll_finished({"acme", WatchKind::sweep, "recent"}, swept);
    EXPECT_TRUE(shows(R"(signwatch_webhooks_received_total{account="acme",provider="adobe_sign",result="queued"} 1)"));
    EXPECT_TRUE(shows(R"(signwatch_webhook_rejected_total{reason="other"} 1)"));
    EXPECT_TRUE(shows(R"(signwatch_hints_total{account="acme",result="hurried",via="sweep"} 2)"));
    EXPECT_TRUE(shows(R"(signwatch_hints_total{account="acme",result="unknown",via="sweep"} 3)"));
    EXPECT_TRUE(shows(R"(signwatch_notifications_dead_total{reason="json_syntax"} 1)"));
    EXPECT_TRUE(shows(R"(signwatch_webhooks_working{account="acme"} 0)"));
    EXPECT_NE(metrics.render().find(R"(signwatch_sweep_last_success_timestamp_seconds{account="acme",sweep="recent"})"),
              std::string::npos);
}

TEST_F(MetricsTest, the_configuration_in_use_is_known_by_time_and_hash) {
    metrics.config_loaded(from_unix_ms(5'000), "00000000000aff");
    EXPECT_TRUE(shows("signwatch_config_last_reload_successful 1"));
    EXPECT_TRUE(shows("signwatch_config_hash 10"));
    metrics.config_rejected();
    EXPECT_TRUE(shows("signwatch_config_last_reload_successful 0"));
    EXPECT_TRUE(shows("signwatch_config_last_reload_success_timestamp_seconds 5"));
}

TEST_F(MetricsTest, tells_about_the_process) {
    const std::string text = metrics.render();
    for (const char* name : {"process_cpu_seconds_total ",
                             "process_resident_memory_bytes ",
                             "process_open_fds ",
                             "process_start_time_seconds "}) {
        const std::size_t at = text.find("\n" + std::string(name));
        ASSERT_NE(at, std::string::npos) << name;
        EXPECT_GT(std::stod(text.substr(at + 1 + std::string(name).size())), 0) << name;
    }
}

TEST_F(MetricsTest, promtool_finds_nothing_to_complain_about) {
    metrics.declare_account("acme", ProviderKind::posten);
    tell_everything(observer, queue);
    metrics.set_summary(StoreSummary{});
    metrics.config_loaded(from_unix_ms(5'000), "ff");
    metrics.set_certificate_expiry("acme", "client", from_unix_ms(9'000));
    metrics.observe_event_loop_lag(1ms);
    metrics.observe_store_commit(1ms);
    metrics.set_store_free_bytes(1ULL << 40U);
    metrics.set_clock_offset(1s);
    const signwatch::testing::TempDir folder;
    const std::string file = folder.write("metrics", metrics.render()).string();
    const auto checked = signwatch::testing::run({"sh", "-c", "promtool check metrics < \"$0\"", file});
    EXPECT_EQ(checked.exit_code, 0) << checked.output << checked.errors;
    EXPECT_EQ(checked.output + checked.errors, "");
}

}  // namespace
}  // namespace signwatch::telemetry
