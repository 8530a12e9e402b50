#include "providers/arqsign/mapping.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/arqsign/test_support.hpp"

namespace signwatch::arqsign {
namespace {

using testing::code_of;
using testing::process_id;

const WallTime now = *parse_iso8601("2026-03-04T10:00:00Z");
const Origin origin{"acme", 7, process_id};

StatusUpdate look(const std::string& body) {
    return to_update(parse_status(body), origin, now);
}

StatusUpdate whole(ProcessState state, const std::string& name, std::vector<ReceivedDocument> received = {}) {
    StatusUpdate update;
    update.process_id = process_id;
    update.state = state;
    update.incomplete = true;
    return completed(std::move(update), parse_process(testing::fixture(name)), received, testing::pseudonymise());
}

const std::vector<ReceivedDocument> both{{DocumentKind::signed_pdf, 1}, {DocumentKind::signed_pdf, 2}};

TEST(ArqSignMapping, each_status_has_its_state) {
    const std::pair<int, ProcessState> states[] = {{1, ProcessState::created},
                                                   {2, ProcessState::in_progress},
                                                   {3, ProcessState::in_progress},
                                                   {4, ProcessState::completed},
                                                   {5, ProcessState::cancelled},
                                                   {6, ProcessState::unknown}};
    for (const auto& [number, state] : states) {
        const StatusUpdate update = look("{\"idStatus\":" + std::to_string(number) + "}");
        EXPECT_EQ(update.state, state) << number;
        EXPECT_EQ(update.incomplete, number == 4 || number == 5) << number;
        EXPECT_EQ(update.ends_watch, update.incomplete) << number;
        EXPECT_EQ(update.provider_status, "status_" + std::to_string(number));
        EXPECT_TRUE(update.documents.empty());
    }
}

TEST(ArqSignMapping, the_old_and_the_new_form_say_the_same) {
    const StatusUpdate newer = look(R"({"nomeProcesso":"Ana","status":"Concluído","idStatus":4,"expirado":false,
        "dataConclusao":"2026-02-14T18:22:40.1234567","dataCancelamento":null,"dataExpiracao":null})");
    const StatusUpdate older = look(R"({"NomeProcesso":"Ana","Status":"ConcluÃ­do"})");
    EXPECT_EQ(newer.fingerprint, older.fingerprint);
    EXPECT_EQ(newer.provider_status, "concluido");
    EXPECT_EQ(older.provider_status, "concluido");
    EXPECT_EQ(newer.changed_at, parse_iso8601("2026-02-14T18:22:40.124Z"));
    EXPECT_EQ(older.changed_at, std::nullopt);
    EXPECT_EQ(newer.provider, ProviderKind::arqsign);
    EXPECT_EQ(newer.account, "acme");
    EXPECT_EQ(newer.watch, 7);
    EXPECT_EQ(newer.process_id, process_id);
    EXPECT_EQ(newer.reference, "");
    EXPECT_TRUE(newer.acknowledge_at.empty());
    EXPECT_FALSE(newer.hold);
}

TEST(ArqSignMapping, expired_is_a_flag_of_an_open_process) {
    for (const char* body : {R"({"idStatus":3,"expirado":true})",
                             R"({"idStatus":2,"expirado":"1"})",
                             R"({"status":"Em processo","expirado":1})",
                             R"({"idStatus":3,"dataExpiracao":"2026-03-04T09:59:59"})",
                             R"({"idStatus":3,"dataExpiracao":"04/03/2026 09:59:59"})"}) {
        const StatusUpdate update = look(body);
        EXPECT_EQ(update.state, ProcessState::expired) << body;
        EXPECT_EQ(update.reason->code, "deadline-passed");
        EXPECT_FALSE(update.ends_watch);
        EXPECT_FALSE(update.incomplete);
    }
    EXPECT_EQ(look(R"({"idStatus":3,"dataExpiracao":"2026-03-04T10:00:01"})").state, ProcessState::in_progress);
    EXPECT_EQ(look(R"({"idStatus":4,"expirado":true})").state, ProcessState::completed);
    EXPECT_EQ(look(R"({"idStatus":5,"expirado":true})").state, ProcessState::cancelled);
    EXPECT_EQ(look(R"({"idStatus":1,"expirado":true})").state, ProcessState::created);
    EXPECT_EQ(look(R"({"idStatus":9,"expirado":true})").state, ProcessState::unknown);
}

TEST(ArqSignMapping, fingerprints_differ_where_something_happened) {
    const std::string open = look(R"({"idStatus":3,"dataExpiracao":"2026-04-01T00:00:00"})").fingerprint;
    EXPECT_EQ(open.size(), 64U);
    EXPECT_EQ(look(R"({"status":"In process"})").fingerprint, open);
    EXPECT_EQ(look(R"({"status":"Em processo","nomeProcesso":"x","dataExpiracao":"2026-05-01T00:00:00"})").fingerprint,
              open);
    const std::string once =
        look(R"({"idStatus":3,"expirado":true,"dataExpiracao":"2026-03-01T00:00:00"})").fingerprint;
    const std::string twice =
        look(R"({"idStatus":3,"expirado":true,"dataExpiracao":"2026-03-03T00:00:00"})").fingerprint;
    EXPECT_EQ(look(R"({"status":"em processo","dataExpiracao":"2026-03-01T00:00:00Z"})").fingerprint, once);
    std::set<std::string> all{open, once, twice};
    for (const char* body : {R"({"idStatus":1})",
                             R"({"idStatus":2})",
                             R"({"idStatus":4})",
                             R"({"idStatus":5})",
                             R"({"idStatus":2,"expirado":1})",
                             R"({"idStatus":6})",
                             R"({"idStatus":7})",
                             R"({"status":"Arquivado"})"})
        all.insert(look(body).fingerprint);
    all.insert(deleted_update(origin).fingerprint);
    all.insert(to_update(parse_status(R"({"idStatus":2})"), {"acme", 7, "other"}, now).fingerprint);
    EXPECT_EQ(all.size(), 13U);
}

TEST(ArqSignMapping, a_deleted_process_ends_without_more) {
    const StatusUpdate update = deleted_update(origin);
    EXPECT_EQ(update.state, ProcessState::cancelled);
    EXPECT_EQ(update.provider_status, "excluido");
    EXPECT_EQ(update.reason->code, "unspecified");
    EXPECT_TRUE(update.ends_watch);
    EXPECT_FALSE(update.incomplete);
}

TEST(ArqSignMapping, a_concluded_process_tells_its_signers) {
    const StatusUpdate update = whole(ProcessState::completed, "concluded.json", both);
    EXPECT_EQ(update.state, ProcessState::completed);
    EXPECT_FALSE(update.incomplete);
    EXPECT_EQ(update.reason, std::nullopt);
    EXPECT_EQ(update.changed_at, parse_iso8601("2026-02-14T18:22:40.124Z"));
    EXPECT_TRUE(update.documents.empty());
    ASSERT_EQ(update.participants.size(), 2U);
    EXPECT_EQ(update.participants[0].ref, "ref(0a5d2c11-0000-4000-8000-000000000001)");
    EXPECT_EQ(update.participants[0].order, 1);
    EXPECT_EQ(update.participants[0].state, ParticipantState::completed);
    EXPECT_EQ(update.participants[0].provider_status, "assinado");
    EXPECT_EQ(update.participants[0].acted_at, parse_iso8601("2026-02-13T10:00:00Z"));
    EXPECT_EQ(update.participants[1].acted_at, parse_iso8601("2026-02-14T18:22:39Z"));
}

TEST(ArqSignMapping, a_refusal_is_told_from_a_cancellation) {
    StatusUpdate update = whole(ProcessState::cancelled, "refused.json");
    EXPECT_EQ(update.state, ProcessState::rejected);
    EXPECT_EQ(update.reason->code, "declined-by-participant");
    EXPECT_EQ(update.reason->participant_ref, "ref(0a5d2c11-0000-4000-8000-000000000002)");
    EXPECT_EQ(update.changed_at, parse_iso8601("2026-02-12T09:00:01Z"));
    EXPECT_TRUE(update.documents.empty());
    ASSERT_EQ(update.participants.size(), 3U);
    EXPECT_EQ(update.participants[0].state, ParticipantState::completed);
    EXPECT_EQ(update.participants[1].state, ParticipantState::rejected);
    EXPECT_EQ(update.participants[1].provider_status, "recusado");
    EXPECT_EQ(update.participants[2].state, ParticipantState::superseded);
    EXPECT_EQ(update.participants[2].provider_status, "falha_envio");

    WireProcess process =
        parse_process(R"({"idStatus":5,"usuarioCancelamento":"x","signatarios":[{"email":"a@b"},{"email":"a@b"},{}]})");
    update = completed(std::move(update), process, {}, testing::pseudonymise());
    EXPECT_EQ(update.state, ProcessState::cancelled) << "told anew each time";
    EXPECT_EQ(update.reason->code, "cancelled-by-sender");
}

TEST(ArqSignMapping, signers_that_look_alike_are_kept_apart) {
    StatusUpdate update;
    update.process_id = "p";
    update.state = ProcessState::cancelled;
    const WireProcess process = parse_process(R"({"idStatus":5,"signatarios":[{"email":"a@b"},{"email":"a@b"},{}]})");
    update = completed(std::move(update), process, {}, testing::pseudonymise());
    EXPECT_EQ(update.state, ProcessState::cancelled);
    EXPECT_EQ(update.reason->code, "cancelled-by-sender");
    ASSERT_EQ(update.participants.size(), 3U);
    EXPECT_EQ(update.participants[0].ref, "ref(a@b)");
    EXPECT_EQ(update.participants[1].ref, "ref(a@b#2)");
    EXPECT_EQ(update.participants[2].ref, "ref(process:p#3)");
}

TEST(ArqSignMapping, links_are_fetched_afterwards) {
    const StatusUpdate update = whole(ProcessState::completed, "links.json", {{DocumentKind::signature_record, 1}});
    ASSERT_EQ(update.documents.size(), 3U);
    EXPECT_EQ(update.documents[0].kind, DocumentKind::signed_pdf);
    EXPECT_EQ(update.documents[0].part, 1);
    EXPECT_FALSE(update.documents[0].counted);
    EXPECT_EQ(update.documents[0].locator.reveal(), "https://files.example.test/a?sig=1%2B");
    EXPECT_EQ(update.documents[1].part, 2);
    EXPECT_EQ(update.documents[2].kind, DocumentKind::signature_record);
    EXPECT_EQ(update.documents[2].part, 2);
}

TEST(ArqSignMapping, a_concluded_process_without_a_document_is_refused) {
    const auto lacking = [](const char* name, std::vector<ReceivedDocument> received) {
        return code_of([&] { whole(ProcessState::completed, name, std::move(received)); });
    };
    EXPECT_EQ(lacking("concluded.json", {}), "arqsign_document_missing");
    EXPECT_EQ(lacking("concluded.json", {{DocumentKind::signed_pdf, 1}}), "arqsign_document_missing");
    EXPECT_EQ(lacking("concluded.json", {{DocumentKind::signed_pdf, 1}, {DocumentKind::signature_record, 2}}),
              "arqsign_document_missing");
    EXPECT_EQ(lacking("concluded.json", both), "") << "a missing record is no missing document";
    StatusUpdate update;
    update.state = ProcessState::completed;
    const WireProcess none = parse_process(R"({"idStatus":4,"documentos":[]})");
    EXPECT_EQ(code_of([&] { completed(update, none, {}, testing::pseudonymise()); }), "arqsign_document_missing");
}

TEST(ArqSignMapping, the_whole_process_must_be_in_the_state_of_the_look) {
    const auto code = [](ProcessState state, const char* name) { return code_of([&] { whole(state, name, both); }); };
    EXPECT_EQ(code(ProcessState::completed, "refused.json"), "arqsign_status_disagrees");
    EXPECT_EQ(code(ProcessState::cancelled, "concluded.json"), "arqsign_status_disagrees");
}

TEST(ArqSignWire, a_body_without_a_status_is_none) {
    for (const char* body :
         {"{}", "[]", "null", "\"Concluído\"", R"({"status":null})", R"({"status":" "})", R"({"idStatus":"x"})"})
        EXPECT_EQ(code_of([&] { parse_status(body); }), "arqsign_shape") << body;
    EXPECT_EQ(code_of([&] { parse_status("<html>"); }), "json_syntax");
    EXPECT_EQ(code_of([&] { parse_status(R"({"status":"a","Status":"b"})"); }), "json_duplicate_name");
}

TEST(ArqSignWire, refusals_come_in_many_forms) {
    const std::string expected = "documento excluido.";
    for (const char* body : {"\"Documento excluído.\"",
                             "Documento excluído.",
                             "{\"message\":\"Documento excluído.\"}",
                             "{\"Code\":1,\"Mensagem\":\"Documento excluído.\"}",
                             "{\"title\":\"Documento exclu√≠do.\"}",
                             "{\"errors\":[\"Documento excluído.\"]}",
                             "{\"errors\":{\"id\":[{\"detail\":\"DOCUMENTO EXCLUÍDO.\"}]}}",
                             "[\"Documento excluído.\"]"}) {
        EXPECT_EQ(parse_refusal(body), expected) << body;
    }
    EXPECT_EQ(parse_refusal(""), "");
    EXPECT_EQ(parse_refusal("{}"), "");
    EXPECT_LE(parse_refusal(std::string(1 << 20, 'x')).size(), 1'000U);
}

}  // namespace
}  // namespace signwatch::arqsign
