#include <map>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/crypto/digest.hpp"
#include "core/http/client_factory.hpp"
#include "core/runtime/system_clock.hpp"
#include "providers/adobe_sign/provider.hpp"
#include "providers/adobe_sign/test_support.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/simulator/adobe/simulator.hpp"
#include "tests/simulator/running_simulator.hpp"

// The provider with the real HTTP client, against the imitated Adobe.
namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using Imitation = simulator::RunningSimulator<simulator::adobe::AdobeSimulator>;

constexpr const char* sha256_of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

struct HashingSink final : DocumentSink {
    void write(std::span<const std::byte> bytes) override { hash.update(bytes); }
    crypto::Sha256 hash;
};

class NoIntake final : public DocumentIntake {
public:
    DocumentSink& receive(DocumentRef) override { throw std::logic_error("nothing comes along"); }
};

Task<bool> fetched(Provider& provider, DocumentRef document, DocumentSink& sink) {
    co_await provider.download(std::move(document), sink);
    co_return true;
}

class AgainstAdobe : public ::testing::Test {
protected:
    AgainstAdobe() {
        simulator::adobe::AdobeOptions options;
        options.directory = directory.path() / "simulator";
        options.calls.identical = 0;
        imitation = std::make_unique<Imitation>(options);
        const json ready = json::parse((*imitation)->ready_line());
        settings.root_url = settings.host.origin = (*imitation)->root();
        settings.host.ca_file = (*imitation)->keys().authority.string();
        for (const char* host : {"root", "api", "other_api"})
            settings.allowed_hosts.push_back(origin_of(ready[host].get<std::string>()).substr(8));
        settings.login.client_id = ready["client_id"];
        settings.login.client_secret_file = ready["client_secret_file"];
        settings.login.refresh_token_file = ready["refresh_token_file"];
        settings.pace.gap = 0ms;
        settings.documents.form_data = true;
    }

    json control(const std::string& path, const json& body = nullptr) {
        return body.is_null() ? imitation->get(path) : imitation->post(path, body);
    }
    json referee() { return control("/referee"); }
    void fault(const json& names) { control("/faults", {{"clear", true}, {"set", names}}); }
    std::string add(const json& agreement) { return control("/agreements", agreement)["agreement"]; }
    json described(const std::string& id) {
        const json all = control("/agreements");
        for (const json& agreement : all["agreements"]) {
            if (agreement["agreement"] == id) return agreement;
        }
        throw std::logic_error("no such agreement");
    }

    template <typename Result>
    Result finish(Task<Result> task) {
        std::optional<Result> result;
        std::exception_ptr failure;
        bool done = false;
        loop.restart();
        boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error, Result value) {
            failure = error;
            result.emplace(std::move(value));
            done = true;
        });
        // Not run(): connections that are kept open have timers.
        while (!done)
            loop.run_one();
        if (failure) std::rethrow_exception(failure);
        return std::move(*result);
    }

    PollResult look(const std::string& id, const std::string& bookmark = "") {
        Watch watch = testing::watch(bookmark);
        watch.key.target = id;
        return finish(provider().poll(watch));
    }
    StatusUpdate whole(const std::string& id) {
        StatusUpdate update = look(id).updates.at(0);
        NoIntake intake;
        return update.incomplete ? finish(provider().complete(std::move(update), intake)) : update;
    }
    std::string sha256(const DocumentRef& document) {
        HashingSink sink;
        finish(fetched(provider(), document, sink));
        return sink.hash.hex();
    }

    AdobeSignProvider& provider() {
        if (!made) {
            ProviderContext context{*http, clock, testing::pseudonymise()};
            context.keepsakes = &keepsakes;
            made = std::make_unique<AdobeSignProvider>(settings, context);
        }
        return *made;
    }

    signwatch::testing::TempDir directory;
    std::unique_ptr<Imitation> imitation;
    boost::asio::io_context loop{1};
    runtime::SystemClock clock{loop.get_executor()};
    std::unique_ptr<http::ClientFactory> http = http::make_client_factory(loop.get_executor());
    testing::ScriptedHosts nobody{[](const HttpRequest&) -> HttpResponse { throw std::logic_error("never asked"); }};
    testing::MemoryKeepsakes keepsakes{nobody};
    Settings settings = [] {
        Settings settings = testing::settings();
        settings.allowed_hosts.clear();
        return settings;
    }();
    std::unique_ptr<AdobeSignProvider> made;
};

TEST_F(AgainstAdobe, every_end_of_an_agreement_is_understood) {
    const std::tuple<const char*, ProcessState, const char*> endings[] = {
        {"signed", ProcessState::completed, ""},
        {"approved", ProcessState::completed, ""},
        {"accepted", ProcessState::completed, ""},
        {"delivered", ProcessState::completed, ""},
        {"form_filled", ProcessState::completed, ""},
        {"rejected", ProcessState::rejected, "declined-by-participant"},
        {"recalled", ProcessState::cancelled, "cancelled-by-sender"},
        {"kba_attempts", ProcessState::cancelled, "authentication-attempts-exceeded"},
        {"password_attempts", ProcessState::cancelled, "authentication-attempts-exceeded"},
        {"phone_attempts", ProcessState::cancelled, "authentication-attempts-exceeded"},
        {"expired", ProcessState::expired, "deadline-passed"},
        {"expired_automatically", ProcessState::expired, "service-limit-365d"},
        {"conversion_failed", ProcessState::failed, "document-processing-failed"},
        {"running", ProcessState::in_progress, ""}};
    for (const auto& [ending, state, reason] : endings) {
        const StatusUpdate update = whole(add({{"ending", ending}, {"participants", 2}, {"external_id", "LOAN-9"}}));
        EXPECT_EQ(update.state, state) << ending;
        EXPECT_EQ(update.reason ? update.reason->code : "", reason) << ending;
        EXPECT_EQ(update.reference, "LOAN-9") << ending;
        EXPECT_EQ(update.participants.size(), 2U) << ending;
        EXPECT_EQ(update.ends_watch, state != ProcessState::in_progress) << ending;
        if (state == ProcessState::completed) {
            EXPECT_TRUE(update.participants[1].acted_at) << ending;
        }
        if (state == ProcessState::rejected) {
            EXPECT_NE(update.reason->participant_ref, "");
        }
    }
    const json canaries = control("/canaries");
    EXPECT_GT(canaries.size(), 10U);
    EXPECT_EQ(referee()["violations"], 0) << referee();
    EXPECT_EQ(referee()["refreshes"], 1);
    EXPECT_EQ(referee()["base_uris"], 1);
}

TEST_F(AgainstAdobe, every_form_of_an_answer_is_understood) {
    for (const char* form : {"aborted-status",
                             "dates-with-offset",
                             "dates-compact-offset",
                             "dates-with-fractions",
                             "events-reversed",
                             "quoted-etags",
                             "base-uris-snake",
                             "base-uris-404",
                             "downloaded-events"}) {
        fault({form});
        made.reset();
        keepsakes.values.erase("adobe_sign/loans/access_point");
        const std::string id = add({{"ending", "rejected"}});
        const PollResult first = look(id);
        EXPECT_EQ(whole(id).state, ProcessState::rejected) << form;
        EXPECT_TRUE(whole(id).changed_at) << form;
        EXPECT_EQ(look(id, *first.bookmark).verdict, PollVerdict::empty) << form;
    }
    fault({"unknown-status"});
    EXPECT_EQ(look(add({{"ending", "running"}})).updates.at(0).state, ProcessState::unknown);
    EXPECT_EQ(referee()["violations"], 0) << referee();
}

TEST_F(AgainstAdobe, a_signer_who_acts_is_news_and_nothing_else_is) {
    const std::string id = add({{"ending", "running"}, {"participants", 3}});
    const PollResult first = look(id);
    EXPECT_EQ(look(id, *first.bookmark).verdict, PollVerdict::empty);
    control("/agreements/change", {{"agreement", id}, {"act", true}});
    fault({"stale-304"});
    const PollResult stale = look(id, *first.bookmark);
    EXPECT_EQ(stale.verdict, PollVerdict::empty) << "not believed either";
    fault(json::array());
    const PollResult second = look(id, stale.bookmark.value_or(*first.bookmark));
    ASSERT_EQ(second.verdict, PollVerdict::updated);
    EXPECT_NE(second.updates[0].fingerprint, first.updates[0].fingerprint);
    EXPECT_EQ(second.updates[0].participants[0].state, ParticipantState::completed);
    EXPECT_EQ(look(id).updates[0].fingerprint, second.updates[0].fingerprint);
}

TEST_F(AgainstAdobe, documents_come_home_as_they_are) {
    const std::string id = add({{"participants", 2}, {"form", true}});
    const StatusUpdate update = whole(id);
    ASSERT_EQ(update.documents.size(), 3U);
    const std::string combined = sha256(update.documents[0]);
    const std::string audit_trail = sha256(update.documents[1]);
    const json there = described(id);
    EXPECT_EQ(combined, there["document"]["sha256"]);
    EXPECT_EQ(audit_trail, there["audit_trail"]["sha256"]);
    EXPECT_NE(sha256(update.documents[2]), sha256_of_nothing);
    EXPECT_EQ(described(id)["form_deliveries"], 1);
    for (const auto& [name, code] : {std::pair{"pdf-not-yet", "adobe_not_ready"},
                                     {"pdf-permission-404", "process_unknown"},
                                     {"pdf-cut", "http_io"},
                                     {"pdf-empty", "document_empty"},
                                     {"pdf-html", "document_html"},
                                     {"error-500", "http_500"},
                                     {"throttled", "http_429"}}) {
        fault({name});
        EXPECT_EQ(testing::code_of([&] { sha256(update.documents[0]); }), code) << name;
        fault(json::array());
        control("/clock/advance", {{"ms", 10'000}});
    }
    EXPECT_EQ(described(id)["document"]["deliveries"], 1);
}

TEST_F(AgainstAdobe, tokens_that_end_and_an_account_that_moves_cost_nothing_but_calls) {
    const std::string id = add({{"ending", "running"}});
    look(id);
    control("/tokens", {{"expire", true}});
    EXPECT_EQ(look(id).verdict, PollVerdict::updated);
    control("/migrate", json::object());
    EXPECT_EQ(look(id).verdict, PollVerdict::updated);
    made.reset();
    EXPECT_EQ(look(id).verdict, PollVerdict::updated) << "the kept refresh token is the living one";
    const json told = referee();
    EXPECT_EQ(told["refreshes"], 3);
    EXPECT_EQ(told["base_uris"], 2);
    EXPECT_EQ(told["refresh_with_dead_token"], 0);
    EXPECT_EQ(told["violations"], 0) << told;
    control("/tokens", {{"revoke", true}});
    EXPECT_EQ(testing::error_of([&] { look(id); })->kind(), ErrorKind::unauthorized);
}

TEST_F(AgainstAdobe, too_many_calls_are_answered_with_the_wait_that_is_told) {
    const std::string id = add({{"ending", "running"}});
    fault({"throttled"});
    const auto at_the_door = testing::error_of([&] { look(id); });
    ASSERT_TRUE(at_the_door) << "the access point is asked for first";
    EXPECT_EQ(at_the_door->kind(), ErrorKind::throttled);
    EXPECT_GE(at_the_door->retry_after().value_or(0ms), 1s);
    fault(json::array());
    control("/clock/advance", {{"ms", 10'000}});
    EXPECT_EQ(testing::error_of([&] { look(id); })->kind(), ErrorKind::throttled) << "nobody asks again before";
    made.reset();
    EXPECT_EQ(look(id).verdict, PollVerdict::updated);
    for (const json& names : {json{"throttled"},
                              json{"high-load"},
                              json{"throttled", "throttled-without-body"},
                              json{"throttled", "throttled-without-header"},
                              json{"high-load", "high-load-other-header"}}) {
        fault(names);
        const PollResult result = look(id);
        EXPECT_EQ(result.verdict, PollVerdict::throttled) << names;
        EXPECT_TRUE(result.wait_for_account);
        EXPECT_FALSE(result.permitted_time_missing) << names;
        EXPECT_GE(result.wait, 1s);
        fault(json::array());
        control("/clock/advance", {{"ms", 10'000}});
    }
    EXPECT_EQ(referee()["violations"], 0) << referee();
}

TEST_F(AgainstAdobe, a_sweep_finds_every_agreement) {
    settings.sweep.page_size = 10;
    std::set<std::string> all;
    const json made_there = control("/agreements", {{"count", 37}});
    for (const json& id : made_there["agreements"])
        all.insert(id.get<std::string>());
    ASSERT_EQ(all.size(), 37U);
    for (const SweepBy by : {SweepBy::search, SweepBy::list}) {
        for (const char* form : {"", "next-index-absent", "cursor-blank"}) {
            fault(*form ? json{form} : json::array());
            settings.sweep.by = by;
            made.reset();
            Watch watch;
            watch.key = {"loans", WatchKind::sweep, "agreements"};
            std::set<std::string> found;
            int pages = 0;
            for (bool more = true; more && pages < 20; ++pages) {
                const PollResult page = finish(provider().poll(watch));
                for (const ProcessHint& hint : page.hints) {
                    found.insert(hint.process_id);
                    EXPECT_NE(hint.token, "");
                }
                watch.bookmark = page.bookmark.value_or("");
                more = page.wait == 0ms;
            }
            EXPECT_EQ(found, all) << form;
            EXPECT_EQ(pages, 4) << form;
        }
    }
    EXPECT_EQ(referee()["violations"], 0) << referee();
}

}  // namespace
}  // namespace signwatch::adobe_sign
