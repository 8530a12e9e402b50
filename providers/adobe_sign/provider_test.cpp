#include "providers/adobe_sign/provider.hpp"

#include <deque>

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/runtime/task_group.hpp"
#include "providers/adobe_sign/factory.hpp"
#include "providers/adobe_sign/test_support.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;
using testing::agreement;
using ::testing::ElementsAre;
using testing::fixture;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::response;
using ::testing::SizeIs;

// What became of a call: its result, or its Error.
struct Outcome {
    std::optional<PollResult> poll;
    std::optional<StatusUpdate> whole;
    std::optional<Error> error;

    std::string code() const { return error ? error->code() : ""; }
};

class NoIntake final : public DocumentIntake {
public:
    DocumentSink& receive(DocumentRef) override { throw std::logic_error("nothing comes along"); }
};

class MemorySink final : public DocumentSink {
public:
    void write(std::span<const std::byte> bytes) override {
        text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }
    std::string text;
};

Task<void> keep_poll(Provider& provider, Watch watch, Outcome& outcome) {
    try {
        outcome.poll = co_await provider.poll(std::move(watch));
    } catch (const Error& error) {
        outcome.error = error;
    }
}

Task<void> keep_whole(Provider& provider, StatusUpdate update, Outcome& outcome) {
    NoIntake intake;
    try {
        outcome.whole = co_await provider.complete(std::move(update), intake);
    } catch (const Error& error) {
        outcome.error = error;
    }
}

Task<void> keep_download(Provider& provider, DocumentRef document, DocumentSink& sink, Outcome& outcome) {
    try {
        co_await provider.download(std::move(document), sink);
    } catch (const Error& error) {
        outcome.error = error;
    }
}

const std::string api_root = "https://api.eu1.adobesign.com/api/rest/v6";
const std::string encoded_id = "CBJCHBCAABAAq7Tz_loan-2041%2Ax9";

class AdobeProvider : public ::testing::Test {
protected:
    HttpResponse answer() {
        if (answers.empty()) throw Error(ErrorKind::transient, "http_connect", "nobody answers");
        HttpResponse next = std::move(answers.front());
        answers.pop_front();
        return next;
    }

    Task<void> pay() {
        if (paid == affordable) throw Error(ErrorKind::throttled, "budget_spent", "no more");
        ++paid;
        co_return;
    }

    AdobeSignProvider& provider() {
        if (!made) {
            settings.login.integration_key_file = directory.write("key", "key-canary").string();
            keepsakes.values["adobe_sign/loans/access_point"] =
                "https://api.adobesign.com\nhttps://api.eu1.adobesign.com";
            ProviderContext context{hosts, clock, testing::pseudonymise()};
            context.keepsakes = &keepsakes;
            context.another_call = [this] { return pay(); };
            made = std::make_unique<AdobeSignProvider>(settings, context);
        }
        return *made;
    }

    void run(Task<void> task) {
        loop.restart();
        tasks.spawn("call", std::move(task));
        loop.run();
        EXPECT_THAT(escaped, IsEmpty());
    }

    Outcome poll(Watch watch = testing::watch()) {
        Outcome outcome;
        run(keep_poll(provider(), std::move(watch), outcome));
        return outcome;
    }

    Outcome sweep(const std::string& target, const std::string& bookmark = "") {
        Watch watch;
        watch.key = {"loans", WatchKind::sweep, target};
        watch.bookmark = bookmark;
        return poll(watch);
    }

    Outcome complete(StatusUpdate update) {
        Outcome outcome;
        run(keep_whole(provider(), std::move(update), outcome));
        return outcome;
    }

    Outcome download(DocumentKind kind, const std::string& locator) {
        Outcome outcome;
        run(keep_download(provider(), DocumentRef{kind, 0, Sensitive{locator}}, sink, outcome));
        return outcome;
    }

    StatusUpdate seen(const std::string& status, const std::string& members) {
        answers = {response(200, agreement(status)), response(200, fixture(members))};
        return poll().poll.value().updates.at(0);
    }

    std::string sent(const std::string& name) const {
        for (const HttpHeader& each : hosts.requests.back().headers) {
            if (each.name == name) return each.value;
        }
        return {};
    }

    const std::string ours = std::string("agreement/") + testing::agreement_id;
    std::deque<HttpResponse> answers;
    int paid = 0;  ///< calls beyond the first of a poll
    int affordable = 100;
    Settings settings = testing::settings();
    signwatch::testing::TempDir directory;
    boost::asio::io_context loop;
    std::vector<std::string> escaped;
    runtime::TaskGroup tasks{loop.get_executor(), [this](const std::string& name, const std::string& what) {
                                 escaped.push_back(name + what);
                             }};
    testing::HandClock clock;
    testing::ScriptedHosts hosts{[this](const HttpRequest&) { return answer(); }};
    testing::MemoryKeepsakes keepsakes{hosts};
    MemorySink sink;
    std::unique_ptr<AdobeSignProvider> made;
};

TEST_F(AdobeProvider, a_first_look_asks_for_the_agreement_and_its_members) {
    answers = {response(200, agreement("OUT_FOR_SIGNATURE"), {{"ETag", "D1f0c2"}}),
               response(200, fixture("members-in-progress.json"))};
    const PollResult result = poll().poll.value();
    EXPECT_THAT(hosts.log,
                ElementsAre("GET " + api_root + "/agreements/" + encoded_id,
                            "GET " + api_root + "/agreements/" + encoded_id + "/members"));
    EXPECT_EQ(sent("Authorization"), "Bearer key-canary");
    EXPECT_EQ(sent("If-None-Match"), "");
    EXPECT_EQ(result.verdict, PollVerdict::updated);
    EXPECT_EQ(result.wait, 60s);
    EXPECT_EQ(result.bookmark, "aD1f0c2");
    ASSERT_THAT(result.updates, SizeIs(1));
    const StatusUpdate& update = result.updates[0];
    EXPECT_EQ(update.state, ProcessState::in_progress);
    EXPECT_EQ(update.watch, 5);
    EXPECT_TRUE(update.incomplete);
    EXPECT_EQ(update.raw, agreement("OUT_FOR_SIGNATURE"));
}

TEST_F(AdobeProvider, an_unchanged_agreement_costs_one_call_and_proves_nothing) {
    answers = {response(304, "", {{"ETag", "D2"}})};
    const PollResult result = poll(testing::watch("aD1f0c2")).poll.value();
    EXPECT_THAT(hosts.requests, SizeIs(1));
    EXPECT_EQ(sent("If-None-Match"), "D1f0c2");
    EXPECT_EQ(result.verdict, PollVerdict::empty);
    EXPECT_THAT(result.updates, IsEmpty());
    EXPECT_FALSE(result.bookmark) << "the state that we know is still that of the old one";
    EXPECT_EQ(result.wait, 60s);
    answers = {response(304)};
    EXPECT_EQ(poll(testing::watch("dD1")).poll->wait, 1h) << "a draft";
}

TEST_F(AdobeProvider, an_agreement_that_is_said_to_go_on_after_its_end_is_asked_about_whole) {
    answers = {response(200, agreement("EXPIRED"), {{"ETag", "D4"}}), response(200, fixture("members-cancelled.json"))};
    Watch watch = testing::watch("aD3");
    const PollResult over = poll(watch).poll.value();
    watch.seen = over.updates.at(0).fingerprint;
    watch.bookmark = over.bookmark.value();
    watch.hurried = watch.said_restarted = true;
    answers = {response(200, agreement("OUT_FOR_SIGNATURE")), response(200, fixture("members-in-progress.json"))};
    const PollResult result = poll(watch).poll.value();
    EXPECT_EQ(sent("If-None-Match"), "") << "a 304 would prove nothing";
    EXPECT_FALSE(result.updates.at(0).ends_watch);
    EXPECT_EQ(result.updates.at(0).state, ProcessState::in_progress);
}

TEST_F(AdobeProvider, every_call_beyond_the_first_is_paid_for_before_it_is_made) {
    answers = {response(304)};
    poll(testing::watch("aD1f0c2"));
    EXPECT_EQ(paid, 0);
    seen("OUT_FOR_SIGNATURE", "members-in-progress.json");
    EXPECT_EQ(paid, 1) << "the members";
    settings.webhooks.ids = {"one", "two", "three"};
    made.reset();
    const std::string active = R"({"id":"x","status":"ACTIVE"})";
    answers = {response(200, active), response(200, active), response(200, active)};
    EXPECT_EQ(sweep("webhooks").poll.value().webhooks_work, true);
    EXPECT_EQ(paid, 3);
    affordable = paid;
    const std::size_t sent_before = hosts.requests.size();
    answers = {response(200, agreement("OUT_FOR_SIGNATURE")), response(200, fixture("members-in-progress.json"))};
    EXPECT_EQ(poll().error->code(), "budget_spent");
    EXPECT_EQ(hosts.requests.size(), sent_before + 1);
}

TEST_F(AdobeProvider, a_draft_is_asked_about_alone_and_seldom) {
    answers = {response(200, agreement("DRAFT"), {{"ETag", "\"E 1\""}})};
    const PollResult result = poll().poll.value();
    EXPECT_THAT(hosts.requests, SizeIs(1));
    EXPECT_EQ(result.wait, 1h);
    EXPECT_EQ(result.bookmark, "d\"E 1\"");
    EXPECT_EQ(result.updates.at(0).state, ProcessState::created);
    EXPECT_FALSE(result.updates.at(0).incomplete);
    answers = {response(200, agreement("SOMETHING_NEW"))};
    const PollResult unknown = poll().poll.value();
    EXPECT_EQ(unknown.updates.at(0).state, ProcessState::unknown);
    EXPECT_FALSE(unknown.updates.at(0).ends_watch);
    EXPECT_EQ(unknown.bookmark, "a") << "without an ETag the next look is whole";
}

TEST_F(AdobeProvider, a_filled_form_that_is_not_believed_is_looked_at_whole_again) {
    answers = {response(200, agreement("FORM_FILLED"), {{"ETag", "D3"}}),
               response(200, fixture("members-in-progress.json"))};
    const PollResult open = poll().poll.value();
    EXPECT_EQ(open.updates.at(0).state, ProcessState::in_progress);
    EXPECT_EQ(open.bookmark, "a");
    answers = {response(200, agreement("FORM_FILLED"), {{"ETag", "D3"}}),
               response(200, fixture("members-completed.json"))};
    const PollResult done = poll(testing::watch("a")).poll.value();
    EXPECT_EQ(done.updates.at(0).state, ProcessState::completed);
    EXPECT_TRUE(done.updates.at(0).ends_watch);
    EXPECT_EQ(done.bookmark, "aD3");
}

TEST_F(AdobeProvider, completing_asks_for_the_events_once) {
    const StatusUpdate update = seen("CANCELLED", "members-cancelled.json");
    answers = {response(200, fixture("events-rejected.json"))};
    const StatusUpdate whole = complete(update).whole.value();
    EXPECT_EQ(hosts.log.back(), "GET " + api_root + "/agreements/" + encoded_id + "/events");
    EXPECT_EQ(whole.state, ProcessState::rejected);
    EXPECT_EQ(whole.reason->participant_ref, testing::ref("PART-1"));
    EXPECT_EQ(whole.fingerprint, update.fingerprint);
    const Outcome again = complete(update);
    EXPECT_EQ(again.code(), "adobe_asked_lately");
    EXPECT_EQ(again.error->retry_after(), 21s);
    clock.time += 21s;
    answers = {response(200, "<html>")};
    EXPECT_EQ(complete(update).code(), "json_syntax") << "why it ended is worth asking again";
}

TEST_F(AdobeProvider, unreadable_events_keep_no_signed_contract_away) {
    const StatusUpdate update = seen("SIGNED", "members-completed.json");
    answers = {response(200, R"({"events":7})")};
    const StatusUpdate whole = complete(update).whole.value();
    EXPECT_EQ(whole.state, ProcessState::completed);
    EXPECT_THAT(whole.documents, SizeIs(2));
    clock.time += 1min;
    answers = {response(503)};
    EXPECT_EQ(complete(update).code(), "http_503");
}

TEST_F(AdobeProvider, documents_come_from_their_places) {
    const std::string pdf = "%PDF-1.7 contract";
    answers = {response(200, pdf), response(200, "%PDF-1.4 audit"), response(200, "\"completed\",\"email\"\n")};
    EXPECT_EQ(download(DocumentKind::signed_pdf, ours).code(), "");
    EXPECT_EQ(sink.text, pdf);
    EXPECT_EQ(hosts.log.back(),
              "GET " + api_root + "/agreements/" + encoded_id +
                  "/combinedDocument?attachSupportingDocuments=true&attachAuditReport=false");
    EXPECT_EQ(sent("Accept"), "application/pdf");
    EXPECT_EQ(hosts.requests.back().max_body, 5U << 20);
    EXPECT_EQ(download(DocumentKind::audit_trail, ours).code(), "");
    EXPECT_THAT(hosts.log.back(), HasSubstr("/auditTrail"));
    EXPECT_EQ(download(DocumentKind::form_data, ours).code(), "");
    EXPECT_THAT(hosts.log.back(), HasSubstr("/formData"));
    EXPECT_EQ(sent("Accept"), "text/csv");
    EXPECT_EQ(download(DocumentKind::form_data, ours).code(), "adobe_asked_lately");
    for (const auto& [kind, locator] : {std::pair{DocumentKind::pades, ours},
                                        {DocumentKind::signed_pdf, std::string("agreement/../x")},
                                        {DocumentKind::signed_pdf, std::string("https://evil.example")}})
        EXPECT_EQ(download(kind, locator).code(), "document_foreign");
    EXPECT_THAT(hosts.requests, SizeIs(3));
}

TEST_F(AdobeProvider, a_document_that_is_not_there_yet_is_waited_for) {
    const auto try_with = [&](HttpResponse answer) {
        clock.time += 1h;
        answers = {std::move(answer)};
        sink.text.clear();
        return download(DocumentKind::signed_pdf, ours);
    };
    const Outcome waiting = try_with(response(404, R"({"code":"DOCUMENT_NOT_YET_AVAILABLE","message":"x"})"));
    EXPECT_EQ(waiting.error->kind(), ErrorKind::transient) << "does not count towards parking";
    EXPECT_EQ(waiting.error->retry_after(), 1min);
    EXPECT_EQ(try_with(response(404, "{}")).code(), "adobe_not_found");
    EXPECT_EQ(try_with(response(404, R"({"code":"PERMISSION_DENIED"})")).code(), "process_unknown");
    EXPECT_EQ(try_with(response(200, "<html>sorry</html>")).code(), "document_html");
    EXPECT_EQ(try_with(response(200, "")).code(), "document_empty");
    const Outcome held = try_with(response(429, "", {{"Retry-After", "100"}}));
    EXPECT_EQ(held.error->kind(), ErrorKind::throttled);
    EXPECT_GE(held.error->retry_after(), 100s);
    EXPECT_LE(held.error->retry_after(), 110s);
    EXPECT_THAT(sink.text, IsEmpty()) << "not a byte of anything else";
}

TEST_F(AdobeProvider, throttling_in_either_call_holds_the_account_and_is_never_early) {
    answers = {response(429, R"({"code":"THROTTLING_HIGH_SYSTEM_LOAD","retryAfter":90})", {{"Retry-After", "42"}})};
    const PollResult first = poll(testing::watch("aD1")).poll.value();
    EXPECT_EQ(first.verdict, PollVerdict::throttled);
    EXPECT_TRUE(first.wait_for_account);
    EXPECT_GE(first.wait, 90s);
    EXPECT_LE(first.wait, 99s);
    answers = {response(200, agreement("SIGNED"), {{"ETag", "D2"}}), response(429)};
    const PollResult second = poll(testing::watch("aD1")).poll.value();
    EXPECT_EQ(second.verdict, PollVerdict::throttled);
    EXPECT_FALSE(second.bookmark) << "the change has not been seen";
    EXPECT_THAT(second.updates, IsEmpty());
    EXPECT_GE(second.wait, 2s);
}

TEST_F(AdobeProvider, an_answer_that_nobody_can_read_is_kept_and_asked_again_in_its_turn) {
    std::string another = agreement("SIGNED");
    another.replace(another.find("loan-2041"), 9, "loan-2042");
    for (const auto& [body, code] : {std::pair<std::string, const char*>{"<html>", "json_syntax"},
                                     {"{}", "json_field"},
                                     {another, "adobe_foreign_agreement"}}) {
        answers = {response(200, body)};
        const PollResult result = poll().poll.value();
        EXPECT_EQ(result.verdict, PollVerdict::unreadable);
        EXPECT_EQ(result.unreadable->code, code);
        EXPECT_EQ(result.unreadable->body, body);
        EXPECT_EQ(result.wait, 60s);
        EXPECT_FALSE(result.bookmark);
    }
    answers = {response(200, agreement("SIGNED")), response(200, "[]")};
    EXPECT_EQ(poll().poll->unreadable->body, "[]");
    answers = {response(200, agreement("SIGNED")), response(500)};
    EXPECT_EQ(poll().code(), "http_500");
    answers = {response(404, R"({"code":"INVALID_AGREEMENT_ID"})")};
    EXPECT_EQ(poll().code(), "process_unknown");
}

TEST_F(AdobeProvider, only_its_own_watches_are_polled) {
    Watch odd = testing::watch();
    odd.key.target = "../../baseUris";
    EXPECT_EQ(poll(odd).code(), "watch_unknown");
    odd.key = {"loans", WatchKind::queue, "agreements"};
    EXPECT_EQ(poll(odd).code(), "watch_unknown");
    EXPECT_EQ(sweep("everything").code(), "watch_unknown");
    StatusUpdate update;
    update.process_id = "a/b";
    EXPECT_EQ(complete(update).code(), "watch_unknown");
    EXPECT_THAT(hosts.requests, IsEmpty());
    EXPECT_THAT(provider().standing_watches(), SizeIs(2));
    EXPECT_NE(provider().webhooks(), nullptr);
}

TEST_F(AdobeProvider, a_sweep_reads_a_page_a_poll_and_keeps_its_place_through_trouble) {
    answers = {response(200, fixture("search-first.json"))};
    const PollResult first = sweep("agreements").poll.value();
    EXPECT_THAT(first.hints, SizeIs(2));
    EXPECT_EQ(first.wait, 0ms);
    EXPECT_EQ(hosts.log.back(), "POST " + api_root + "/search");
    answers = {response(503)};
    EXPECT_EQ(sweep("agreements", *first.bookmark).code(), "http_503");
    answers = {response(200, "<html>")};
    const PollResult odd = sweep("agreements", *first.bookmark).poll.value();
    EXPECT_EQ(odd.verdict, PollVerdict::unreadable);
    EXPECT_FALSE(odd.bookmark);
    answers = {response(429, "", {{"Retry-After", "5"}})};
    EXPECT_FALSE(sweep("agreements", *first.bookmark).poll->bookmark);
    answers = {response(200, fixture("search-last.json"))};
    const PollResult last = sweep("agreements", *first.bookmark).poll.value();
    EXPECT_THAT(hosts.requests.back().body, HasSubstr(R"("startIndex":2)"));
    EXPECT_EQ(last.wait, 15min);
}

TEST_F(AdobeProvider, a_list_whose_cursor_has_run_out_begins_at_its_top) {
    settings.sweep.by = SweepBy::list;
    answers = {response(200, fixture("list-first.json")), response(400, R"({"code":"INVALID_CURSOR"})")};
    const PollResult first = sweep("agreements").poll.value();
    EXPECT_THAT(first.hints, SizeIs(2));
    const PollResult anew = sweep("agreements", *first.bookmark).poll.value();
    EXPECT_EQ(anew.bookmark, "");
    EXPECT_EQ(anew.wait, 15min);
}

TEST_F(AdobeProvider, looks_are_rare_while_the_webhooks_work) {
    answers = {response(200, fixture("webhooks.json")), response(304)};
    EXPECT_EQ(sweep("webhooks").poll->webhooks_work, true);
    EXPECT_THAT(hosts.log.back(), HasSubstr("/webhooks?showInactiveWebhooks=true"));
    EXPECT_EQ(poll(testing::watch("aD1")).poll->wait, 6min);
    settings.webhooks.ids = {"hook-1", "hook-2"};
    made.reset();
    answers = {response(200, fixture("webhook-active.json")),
               response(404, R"({"code":"INVALID_WEBHOOK_ID"})"),
               response(304)};
    const PollResult missing = sweep("webhooks", "up").poll.value();
    EXPECT_EQ(missing.webhooks_work, false);
    EXPECT_THAT(missing.due_now, SizeIs(1));
    EXPECT_EQ(poll(testing::watch("aD1")).poll->wait, 60s);
    answers = {response(200, fixture("webhook-inactive.json")), response(200, fixture("webhook-active.json"))};
    EXPECT_EQ(sweep("webhooks", "up").poll->webhooks_work, false);
    answers = {response(200, fixture("webhook-active.json")), response(403)};
    EXPECT_EQ(sweep("webhooks", "up").code(), "http_403");
}

// Nothing that names a person or opens a door gets out of here, but in `raw` and Sensitive.
TEST_F(AdobeProvider, no_canary_leaves) {
    const StatusUpdate update = seen("CANCELLED", "members-cancelled.json");
    answers = {response(200, fixture("events-rejected.json"))};
    const StatusUpdate whole = complete(update).whole.value();
    std::string told = whole.reference + whole.provider_status + whole.fingerprint + whole.reason->code +
                       whole.reason->participant_ref + whole.process_id;
    for (const Participant& participant : whole.participants)
        told += participant.ref + participant.provider_status;
    const std::string hostile = R"({"code":"BAD Canary","message":"key-canary of ingrid.canary@customer.example"})";
    for (const int status : {400, 401, 403, 404, 409, 412, 500, 503}) {
        clock.time += 1h;
        answers = {response(status, hostile), response(status, hostile), response(status, hostile)};
        told += poll().error->what() + complete(update).error->code();
        told += download(DocumentKind::signed_pdf, ours).error->what();
    }
    for (const char* canary : {"anary", "PART-", "key-", "192.0.2", "example", "https"})
        EXPECT_THAT(told, Not(HasSubstr(canary)));
}

TEST(AdobeFactory, is_of_its_kind) {
    EXPECT_EQ(make_factory()->kind(), ProviderKind::adobe_sign);
}

}  // namespace
}  // namespace signwatch::adobe_sign
