
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/crypto/digest.hpp"
#include "core/http/client_factory.hpp"
#include "core/runtime/system_clock.hpp"
#include "providers/arqsign/provider.hpp"
#include "providers/arqsign/test_support.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/simulator/arqsign/simulator.hpp"
#include "tests/simulator/running_simulator.hpp"

// The provider with the real HTTP client, against the imitated ArqSign.
namespace signwatch::arqsign {
namespace {

using nlohmann::json;
using Imitation = simulator::RunningSimulator<simulator::ArqSignSimulator>;

// Hashes what it receives, by kind and part, and counts its largest piece.
class HashingIntake final : public DocumentIntake {
public:
    DocumentSink& receive(DocumentRef document) override { return sinks_[{document.kind, document.part}]; }
    std::string sha256(DocumentKind kind, int part) { return sinks_[{kind, part}].hash.hex(); }
    std::size_t count() const { return sinks_.size(); }
    std::size_t largest_piece(DocumentKind kind, int part) { return sinks_[{kind, part}].largest; }

private:
    struct Sink final : DocumentSink {
        void write(std::span<const std::byte> bytes) override {
            hash.update(bytes);
            largest = std::max(largest, bytes.size());
        }
        crypto::Sha256 hash;
        std::size_t largest = 0;
    };
    std::map<std::pair<DocumentKind, int>, Sink> sinks_;
};

Task<bool> fetched(Provider& provider, DocumentRef document, DocumentSink& sink) {
    co_await provider.download(std::move(document), sink);
    co_return true;
}

class AgainstSimulator : public ::testing::Test {
protected:
    explicit AgainstSimulator() {
        simulator::ArqSignOptions options;
        options.directory = directory.path() / "simulator";
        options.limits = {0, 0, 0, 0};
        imitation = std::make_unique<Imitation>(options);
        settings.root_url = settings.host.origin = (*imitation)->root();
        settings.host.ca_file = settings.document_ca_file = (*imitation)->keys().authority.string();
        settings.app_key_file = options.directory / "app.key";
        settings.subscription_key_file = options.directory / "subscription2.key";
        settings.max_response = 256 << 20;
        settings.account_terms.account = "acme";
        settings.account_terms.process_interval = std::chrono::hours{24};
        settings.account_terms.max_document_size = 100 << 20;
    }

    json control(const std::string& path, const json& body = nullptr) {
        return body.is_null() ? imitation->get(path) : imitation->post(path, body);
    }

    template <typename Result>
    Result finish(Task<Result> task) {
        std::optional<Result> result;
        std::exception_ptr failure;
        loop.restart();
        boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr error, Result value) {
            failure = error;
            result = std::move(value);
        });
        // Not run(): connections that are kept open have timers.
        while (!result)
            loop.run_one();
        if (failure) std::rethrow_exception(failure);
        return std::move(*result);
    }

    StatusUpdate look(const std::string& id) {
        Watch watch;
        watch.key = {"acme", WatchKind::process, id};
        return finish(provider().poll(watch)).updates.at(0);
    }

    StatusUpdate ended(const json& process, DocumentIntake& intake) {
        StatusUpdate update = look(control("/processes", process)["process"]);
        EXPECT_TRUE(update.ends_watch);
        return finish(provider().complete(std::move(update), intake));
    }

    ArqSignProvider& provider() {
        if (!made)
            made = std::make_unique<ArqSignProvider>(settings, ProviderContext{*http, clock, testing::pseudonymise()});
        return *made;
    }

    signwatch::testing::TempDir directory;
    std::unique_ptr<Imitation> imitation;
    boost::asio::io_context loop{1};
    runtime::SystemClock clock{loop.get_executor()};
    std::unique_ptr<http::ClientFactory> http = http::make_client_factory(loop.get_executor());
    Settings settings;
    std::unique_ptr<ArqSignProvider> made;
};

TEST_F(AgainstSimulator, every_life_of_a_process_is_understood) {
    const auto state = [&](const char* end) { return look(control("/processes", {{"end", end}})["process"]).state; };
    EXPECT_EQ(state("never"), ProcessState::in_progress);
    EXPECT_EQ(state("completed"), ProcessState::completed);
    EXPECT_EQ(state("cancelled"), ProcessState::cancelled);
    EXPECT_EQ(state("expired"), ProcessState::expired);
    EXPECT_EQ(look(control("/processes", {{"end", "deleted"}})["process"]).provider_status, "excluido");
    EXPECT_EQ(look(control("/processes", {{"sent_ms", 9e9}, {"end_ms", 9e9}})["process"]).state, ProcessState::created);
    EXPECT_EQ(testing::code_of([&] { look(testing::process_id); }), "process_unknown");
    HashingIntake intake;
    EXPECT_EQ(ended({{"end", "refused"}, {"signers", 3}}, intake).reason->code, "declined-by-participant");
    EXPECT_EQ(ended({{"end", "cancelled"}}, intake).reason->code, "cancelled-by-sender");
    EXPECT_EQ(intake.count(), 0U);
    EXPECT_EQ(control("/referee")["violations"], 0);
}

TEST_F(AgainstSimulator, every_form_of_an_answer_is_understood) {
    for (const char* fault : {"status-201",
                              "pascal-case",
                              "no-id-status",
                              "old-form",
                              "english",
                              "spanish",
                              "mojibake",
                              "mojibake-mac",
                              "base64-lines",
                              "record-missing",
                              "pending-as-object"}) {
        json faults{{"clear", true}, {"set", {fault, "no-id-status"}}};
        control("/faults", faults);
        HashingIntake intake;
        const StatusUpdate update = ended({{"signers", 2}, {"documents", 2}}, intake);
        EXPECT_EQ(update.state, ProcessState::completed) << fault;
        EXPECT_EQ(update.participants.size(), 2U) << fault;
        const json documents = control("/processes")["processes"].back()["documents"];
        for (const int part : {1, 2}) {
            EXPECT_EQ(intake.sha256(DocumentKind::signed_pdf, part),
                      documents[static_cast<std::size_t>(part - 1)]["pdf"]["sha256"])
                << fault;
        }
    }
}

TEST_F(AgainstSimulator, failures_are_told_apart) {
    const std::pair<const char*, const char*> failures[] = {{"status-disagrees", "arqsign_status_disagrees"},
                                                            {"document-missing", "arqsign_document_missing"},
                                                            {"base64-broken", "arqsign_base64"},
                                                            {"duplicate-name", "json_duplicate_name"},
                                                            {"not-json", "json_syntax"},
                                                            {"cut-body", "http_io"},
                                                            {"error-500", "http_500"},
                                                            {"unauthorized", "http_401"},
                                                            {"quota-403", "http_403"}};
    const StatusUpdate update = look(control("/processes", json::object())["process"]);
    for (const auto& [fault, code] : failures) {
        control("/faults", {{"clear", true}, {"set", {fault}}});
        HashingIntake intake;
        EXPECT_EQ(testing::code_of([&] { finish(provider().complete(update, intake)); }), code) << fault;
    }
}

TEST_F(AgainstSimulator, large_documents_arrive_in_small_pieces) {
    HashingIntake intake;
    ended({{"documents", 3}, {"document_size", 2 << 20}}, intake);
    const json documents = control("/processes")["processes"][0]["documents"];
    for (const int part : {1, 2, 3}) {
        const json& document = documents[static_cast<std::size_t>(part - 1)];
        EXPECT_EQ(intake.sha256(DocumentKind::signed_pdf, part), document["pdf"]["sha256"]);
        EXPECT_EQ(intake.sha256(DocumentKind::signature_record, part), document["record"]["sha256"]);
        EXPECT_LE(intake.largest_piece(DocumentKind::signed_pdf, part), 64U << 10);
    }
    EXPECT_EQ(control("/referee")["processes_delivered"], 1);
}

TEST_F(AgainstSimulator, links_are_followed_to_listed_hosts_alone) {
    settings.document_hosts = {(*imitation)->files()};
    HashingIntake intake;
    const StatusUpdate update = ended({{"documents", 2}}, intake);
    EXPECT_EQ(intake.count(), 0U);
    ASSERT_EQ(update.documents.size(), 4U);
    const auto fetch = [&](const DocumentRef& document) {
        return finish(fetched(provider(), document, intake.receive(document)));
    };
    for (const DocumentRef& document : update.documents)
        EXPECT_TRUE(fetch(document));
    const json documents = control("/processes")["processes"][0]["documents"];
    EXPECT_EQ(intake.sha256(DocumentKind::signed_pdf, 2), documents[1]["pdf"]["sha256"]);
    EXPECT_EQ(intake.sha256(DocumentKind::signature_record, 1), documents[0]["record"]["sha256"]);
    for (const auto& [fault, code] :
         {std::pair{"link-expired", "document_gone"}, {"link-500", "http_500"}, {"link-html", "document_html"}}) {
        control("/faults", {{"clear", true}, {"set", {fault}}});
        EXPECT_EQ(testing::code_of([&] { fetch(update.documents[0]); }), code);
    }
    control("/faults", {{"clear", true}, {"set", {"link-foreign"}}});
    EXPECT_EQ(testing::code_of([&] { ended(json::object(), intake); }), "url_refused");
    EXPECT_EQ(control("/referee")["violations"], 0);
}

}  // namespace
}  // namespace signwatch::arqsign
