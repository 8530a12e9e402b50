#include "providers/arqsign/webhooks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/config/table_section.hpp"
#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"
#include "providers/arqsign/notification.hpp"
#include "providers/arqsign/test_support.hpp"
#include "tests/fakes/temp_dir.hpp"

namespace signwatch::arqsign {
namespace {

using testing::code_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string key = "3d0c9a52-77aa-4f0e-8b1d-90aa11bb22cc";
const std::string webhook = "a1a1a1a1-0000-4000-8000-000000000001";
const std::string owner = "b2b2b2b2-0000-4000-8000-000000000002";

std::string signature(const std::string& body, const std::string& by = key) {
    const crypto::Sha256Bytes digest = crypto::hmac_sha256(by, body);
    return crypto::to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string body(const std::string& more = "", const std::string& process = testing::process_id) {
    return R"({"Evento":"ProcessoConcluido","IdProcesso":")" + process + R"(","IdConta":")" + owner +
           R"(","IdWebhook":")" + webhook + R"(","DataHoraAtual":"14/02/2025 18:22:41")" + more + "}";
}

class ArqSignWebhook : public ::testing::Test {
protected:
    ArqSignWebhooks webhooks(const std::string& keys = key) {
        settings.hmac_key_file = directory.write("hmac.key", keys).string();
        return ArqSignWebhooks(settings);
    }
    WebhookAnswer answer(const std::string& text, const std::string& hmac, const std::string& name = "HMAC") {
        const std::vector<HttpHeader> headers{{"Content-Type", "application/json"}, {name, hmac}};
        return webhooks().answer({"POST", headers, text});
    }
    WebhookAnswer answer(const std::string& text) { return answer(text, signature(text)); }

    signwatch::testing::TempDir directory;
    WebhookSettings settings;
};

TEST_F(ArqSignWebhook, queues_what_is_signed_and_says_200) {
    const WebhookAnswer answer = this->answer(body());
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.queue);
    EXPECT_EQ(answer.refused, "");
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.dedup_key, std::string(testing::process_id) + "/8/" + crypto::sha256_hex(body()));
    EXPECT_LE(answer.dedup_key.size(), 128U);
    EXPECT_EQ(webhooks().unavailable_status(), 503);
}

// Computed with another implementation; the key counts as text, not decoded.
TEST_F(ArqSignWebhook, computes_the_signature_as_documented) {
    const std::string text = R"({"Evento":"ProcessoConcluido","IdProcesso":"7B1D8F0E-6F0A-4A57-9F0E-2C5B7A1F3D10"})";
    for (const char* name : {"HMAC", "hmac", "Hmac"})
        EXPECT_TRUE(answer(text, "cPfwbkDF81hWyIjHcKtMFhrHtOQu10fLHTe+atAcGOo=", name).queue) << name;
    EXPECT_TRUE(answer(text, "  cPfwbkDF81hWyIjHcKtMFhrHtOQu10fLHTe+atAcGOo=\t").queue);
}

TEST_F(ArqSignWebhook, refuses_every_other_signature_alike) {
    const std::string text = body();
    std::string changed = signature(text);
    changed[0] = changed[0] == 'A' ? 'B' : 'A';
    for (const std::string& hmac : {std::string(),
                                    changed,
                                    signature(text).substr(1),
                                    signature(text + " "),
                                    signature(text, "another key"),
                                    signature(text) + signature(text),
                                    std::string(10'000, 'A'),
                                    crypto::to_base64(std::string(32, '\0')),
                                    crypto::to_hex(crypto::hmac_sha256(key, text))}) {
        const WebhookAnswer refused = answer(text, hmac);
        EXPECT_EQ(refused.refused, "bad_hmac") << hmac;
        EXPECT_EQ(refused.status, 400);
        EXPECT_FALSE(refused.queue);
    }
    EXPECT_EQ(webhooks().answer({"POST", {}, text}).refused, "bad_hmac");
}

TEST_F(ArqSignWebhook, takes_hexadecimal_only_where_that_is_said) {
    const std::string text = body();
    std::string hex = crypto::to_hex(crypto::hmac_sha256(key, text));
    EXPECT_FALSE(answer(text, hex).queue);
    settings.hmac_hex = true;
    EXPECT_TRUE(answer(text, hex).queue);
    for (char& c : hex)
        c = static_cast<char>(std::toupper(c));
    EXPECT_TRUE(answer(text, hex).queue);
    hex[63] = 'g';
    EXPECT_FALSE(answer(text, hex).queue);
    EXPECT_TRUE(answer(text).queue) << "base64 all the same";
}

TEST_F(ArqSignWebhook, knows_the_keys_of_several_webhooks) {
    const std::string text = body();
    const ArqSignWebhooks two = webhooks("first-key\n " + key + "\r\n\n");
    for (const std::string& one : {std::string("first-key"), key}) {
        const std::vector<HttpHeader> headers{{"HMAC", signature(text, one)}};
        EXPECT_TRUE(two.answer({"POST", headers, text}).queue) << one;
    }
    EXPECT_EQ(code_of([&] { webhooks(""); }), "credential_file");
    EXPECT_EQ(code_of([&] { webhooks("\n \n"); }), "credential_file");
    EXPECT_EQ(code_of([&] { webhooks("two words\n"); }), "credential_file");
    EXPECT_EQ(code_of([&] { webhooks("1\n2\n3\n4\n5\n6\n7\n8\n9\n"); }), "credential_file");
}

TEST_F(ArqSignWebhook, is_only_posted) {
    const std::string text = body();
    const std::vector<HttpHeader> headers{{"HMAC", signature(text)}};
    for (const char* method : {"GET", "PUT", "HEAD"})
        EXPECT_EQ(webhooks().answer({method, headers, text}).refused, "method");
}

TEST_F(ArqSignWebhook, checks_whose_webhook_it_is) {
    settings.webhook_ids = {webhook};
    settings.account_id = owner;
    EXPECT_TRUE(answer(body()).queue);
    settings.webhook_ids = {"c3c3c3c3-0000-4000-8000-000000000003"};
    EXPECT_EQ(answer(body()).refused, "unknown_webhook");
    settings.webhook_ids.push_back(webhook);
    EXPECT_TRUE(answer(body()).queue);
    settings.account_id = "c3c3c3c3-0000-4000-8000-000000000003";
    EXPECT_EQ(answer(body()).refused, "unknown_account");
    const std::string without = R"({"evento":"x","idProcesso":")" + std::string(testing::process_id) + "\"}";
    EXPECT_EQ(answer(without).refused, "unknown_webhook");
}

TEST_F(ArqSignWebhook, tells_a_repeat_from_news) {
    const std::string first = answer(body()).dedup_key;
    EXPECT_EQ(answer(body()).dedup_key, first);
    EXPECT_NE(answer(body(R"(,"IdEvento":3)")).dedup_key, first);
    EXPECT_NE(answer(body(" ")).dedup_key, first) << "other bytes, other news: nothing else tells them apart";
}

TEST_F(ArqSignWebhook, hints_at_its_process_in_either_case_and_with_old_or_new_fields) {
    const std::string id = testing::process_id;
    for (
        const std::string& text : {
            body(),
            R"({"evento":"ProcessoConcluido","idProcesso":")" + id + R"(","status":"Concluído"})",
            R"({"IDEVENTO":"8","IDPROCESSO":" )" + id + R"( ","statusProcesso":"Concluído","idStatusProcesso":4})",
            body(
                R"(,"Signatarios":[{"Id":"0a5d2c11","AssinaturaRecusada":"true"}],"Documentos":[{"Base64Documento":"JVBERi0="}])"),
        }) {
        const auto hints = webhooks().read(text);
        ASSERT_EQ(hints.size(), 1U) << text;
        EXPECT_EQ(hints[0].process_id, id);
        EXPECT_EQ(hints[0].reference, "");
    }
    EXPECT_EQ(webhooks().read(body("", "7B1D8F0E-6F0A-4A57-9F0E-2C5B7A1F3D10"))[0].process_id, id);
}

TEST_F(ArqSignWebhook, hints_at_an_end_where_a_trigger_means_one) {
    const auto ends = [&](int event) {
        return webhooks().read(body(",\"IdEvento\":" + std::to_string(event)))[0].ended;
    };
    for (const int event : {4, 5, 6, 8})
        EXPECT_TRUE(ends(event)) << event;
    for (const int event : {1, 2, 3, 7})
        EXPECT_FALSE(ends(event)) << event;
}

// Refused, it would come 13 times more and then end the webhook.
TEST_F(ArqSignWebhook, takes_a_signed_body_that_nobody_understands_and_says_so_when_it_is_read) {
    for (const std::string& text : {std::string(),
                                    std::string("what do ya want for nothing?"),
                                    std::string("[]"),
                                    std::string("{\"idProcesso\":\"17\"}"),
                                    body(R"(,"evento":"again")"),
                                    std::string(10'000, '[')}) {
        const WebhookAnswer accepted = answer(text);
        EXPECT_TRUE(accepted.queue) << text;
        EXPECT_EQ(accepted.status, 200);
        EXPECT_EQ(accepted.dedup_key, "unreadable/" + crypto::sha256_hex(text));
        try {
            webhooks().read(text);
            ADD_FAILURE() << text;
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::permanent);
        }
    }
}

TEST(ArqSignTriggers, the_number_decides_and_words_stand_in_for_it) {
    for (int number = 1; number <= 8; ++number)
        EXPECT_EQ(static_cast<int>(trigger_of(number, "ProcessoConcluido")), number);
    EXPECT_EQ(trigger_of(9, "ProcessoRecusado"), Trigger::refused);
    const std::vector<std::pair<const char*, Trigger>> words{
        {"ProcessoEnviado", Trigger::sent},
        {"Processo com falha de envio", Trigger::not_sent},
        {"FalhaEnvio", Trigger::not_sent},
        {"ProcessoAssinado", Trigger::signed_by_one},
        {"Processo assinado por algum signatário", Trigger::signed_by_one},
        {"PROCESSO_RECUSADO", Trigger::refused},
        {"processoCancelado", Trigger::cancelled},
        {"ProcessoExpirado", Trigger::expired},
        {"ProcessoReenviado", Trigger::sent_again},
        {"ProcessoConcluido", Trigger::concluded},
        {"Processo assinado/concluído por todos os signatários", Trigger::concluded},
        {"Processo assinado por todos", Trigger::concluded},
        {"ProcessoConclu\xC3\x83\xC2\xAD"
         "do",
         Trigger::concluded},
        {"", Trigger::unknown},
        {"OutraCoisa", Trigger::unknown}};
    for (const auto& [word, trigger] : words)
        EXPECT_EQ(trigger_of(0, word), trigger) << word;
}

struct Reading {
    WebhookSettings settings;
    std::vector<std::string> mistakes;
};

Reading read(const std::string& lines) {
    config::Diagnostics diagnostics;
    const config::Table table = config::parse_toml(lines, "signwatch.toml", diagnostics);
    config::TableSection section("[[account]]", table, config::FileChecks::none, diagnostics);
    Reading reading{read_webhook_settings(section), {}};
    for (const auto& diagnostic : diagnostics.list())
        reading.mistakes.push_back(diagnostic.text());
    return reading;
}

TEST(ArqSignWebhookSettings, have_an_account_without_a_webhook_in_mind) {
    const Reading reading = read("");
    EXPECT_THAT(reading.mistakes, IsEmpty());
    EXPECT_EQ(reading.settings.hmac_key_file, "");
    EXPECT_EQ(reading.settings.max_body, 12U << 20U);
}

TEST(ArqSignWebhookSettings, are_read) {
    const Reading reading = read(
        "webhook_hmac_key_file = \"hmac.key\"\nwebhook_hmac_hex = true\nwebhook_max_body = \"1MiB\"\n"
        "webhook_ids = [\"A1A1A1A1-0000-4000-8000-000000000001\"]\nwebhook_account_id = \"" +
        owner + "\"\n");
    EXPECT_THAT(reading.mistakes, IsEmpty());
    EXPECT_THAT(reading.settings.hmac_key_file, ::testing::EndsWith("hmac.key"));
    EXPECT_TRUE(reading.settings.hmac_hex);
    EXPECT_EQ(reading.settings.webhook_ids, std::vector{webhook});
    EXPECT_EQ(reading.settings.account_id, owner);
    EXPECT_EQ(reading.settings.max_body, 1U << 20U);
}

TEST(ArqSignWebhookSettings, are_refused_where_they_have_no_effect) {
    for (const char* line : {"webhook_path = \"/x\"",
                             "webhook_ids = []",
                             "webhook_account_id = \"b2b2b2b2-0000-4000-8000-000000000002\"",
                             "webhook_hmac_hex = true"}) {
        const Reading reading = read(line);
        ASSERT_EQ(reading.mistakes.size(), 1U) << line;
        EXPECT_THAT(reading.mistakes[0], HasSubstr("add webhook_hmac_key_file"));
    }
    const Reading reading = read("webhook_hmac_key_file = \"k\"\nwebhook_ids = [\"17\"]\nwebhook_account_id = \"x\"\n");
    ASSERT_EQ(reading.mistakes.size(), 2U);
    EXPECT_THAT(reading.mistakes[0], HasSubstr("is not an id of ArqSign"));
}

}  // namespace
}  // namespace signwatch::arqsign
