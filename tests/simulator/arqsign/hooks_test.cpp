#include "tests/simulator/arqsign/hooks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/simulator/arqsign/hook_bodies.hpp"

namespace signwatch::simulator {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::ElementsAre;

class ArqSignHooksTest : public ::testing::Test {
protected:
    ArqSignProcess& process(ArqSignEnd end, int signers = 2) {
        ArqSignSpec spec;
        spec.signers = signers;
        spec.end = end;
        spec.end_after = 100s;
        return world_.create(spec, 0s);
    }
    std::vector<int> queued() const {
        std::vector<int> triggers;
        for (const ArqSignDelivery& one : hook_.deliveries)
            triggers.push_back(static_cast<int>(one.event.trigger));
        return triggers;
    }
    ArqSignDelivery& only() { return hook_.deliveries.back(); }

    FaultSwitches faults_{arqsign_fault_names()};
    ArqSignReferee referee_;
    ArqSignWorld world_{1};
    ArqSignHookBook book_{faults_, referee_, 1};
    ArqSignHook& hook_ = book_.add({.url = "https://127.0.0.1:1/"}, 0s);
};

TEST_F(ArqSignHooksTest, all_eight_triggers) {
    ArqSignProcess& completed = process(ArqSignEnd::completed);
    book_.tell(completed, 10s);
    EXPECT_THAT(queued(), ElementsAre(1));
    EXPECT_EQ(completed.next_event, 50s);
    book_.tell(completed, 100s);
    book_.tell(completed, 200s);
    EXPECT_THAT(queued(), ElementsAre(1, 3, 3, 8));
    hook_.deliveries.clear();
    book_.tell(process(ArqSignEnd::refused), 100s);
    EXPECT_THAT(queued(), ElementsAre(1, 3, 4));
    hook_.deliveries.clear();
    book_.tell(process(ArqSignEnd::cancelled, 1), 100s);
    EXPECT_THAT(queued(), ElementsAre(1, 5));
    hook_.deliveries.clear();
    ArqSignProcess& expired = process(ArqSignEnd::expired, 1);
    book_.tell(expired, 100s);
    world_.change(expired, ArqSignEnd::completed, 50s, 120s);
    book_.tell(expired, 120s);
    book_.tell(expired, 200s);
    EXPECT_THAT(queued(), ElementsAre(1, 6, 7, 3, 8));
    hook_.deliveries.clear();
    faults_.set("hook-send-failure");
    book_.tell(process(ArqSignEnd::never), 0s);
    EXPECT_THAT(queued(), ElementsAre(1, 2));
}

TEST_F(ArqSignHooksTest, fourteen_attempts_and_then_the_trigger_is_dead) {
    book_.tell(process(ArqSignEnd::never), 0s);
    std::vector<microseconds> at;
    while (book_.next_due(hook_)) {
        at.push_back(*book_.next_due(hook_));
        book_.settle(hook_, *book_.due(hook_, at.back()), 500, at.back());
    }
    EXPECT_EQ(at, std::vector<microseconds>(ArqSignHookBook::schedule().begin(), ArqSignHookBook::schedule().end()));
    EXPECT_THAT(hook_.dead_triggers, ElementsAre(1));
    EXPECT_EQ(hook_.status, ArqSignHook::Status::active);
    book_.tell(process(ArqSignEnd::never), 0s);
    EXPECT_EQ(hook_.deliveries.size(), 1U) << "nothing is queued for a dead trigger";
}

TEST_F(ArqSignHooksTest, only_200_counts) {
    book_.tell(process(ArqSignEnd::never), 0s);
    for (const unsigned status : {201U, 202U, 204U, 301U, 400U, 503U, 0U}) {
        book_.settle(hook_, only(), status, 0s);
        EXPECT_EQ(only().state, ArqSignDelivery::State::queued) << status;
    }
    book_.settle(hook_, only(), 200, 0s);
    EXPECT_EQ(only().state, ArqSignDelivery::State::acknowledged);
}

TEST_F(ArqSignHooksTest, a_webhook_that_does_not_wait_takes_silence_for_success) {
    hook_.spec.wait_for_answer = false;
    book_.tell(process(ArqSignEnd::never), 0s);
    book_.settle(hook_, only(), 0, 0s);
    EXPECT_EQ(only().state, ArqSignDelivery::State::acknowledged);
}

TEST_F(ArqSignHooksTest, a_404_ends_it_at_once_and_reactivation_sends_what_had_failed) {
    book_.tell(process(ArqSignEnd::never), 0s);
    book_.settle(hook_, only(), 404, 1s);
    EXPECT_EQ(hook_.status, ArqSignHook::Status::failed);
    EXPECT_EQ(book_.due(hook_, 1000h), nullptr);
    book_.tell(process(ArqSignEnd::never), 2s);
    EXPECT_EQ(hook_.deliveries.size(), 1U);
    book_.set_active(hook_, true, 10s);
    EXPECT_EQ(book_.due(hook_, 10s), &only());
    EXPECT_EQ(referee_.to_json(CallWindows({}))["hooks_lost_while_inactive"], 1);
}

TEST_F(ArqSignHooksTest, duplicates_and_another_order) {
    faults_.set("hook-duplicate:1");
    book_.tell(process(ArqSignEnd::never), 0s);
    ASSERT_THAT(queued(), ElementsAre(1, 1));
    EXPECT_TRUE(only().repeat);
    for (int i = 0; i < 2; ++i)
        book_.settle(hook_, *book_.due(hook_, 0s), 200, 0s);
    faults_.set("hook-reorder:1");
    book_.tell(process(ArqSignEnd::completed, 1), 100s);
    EXPECT_EQ(static_cast<int>(book_.due(hook_, 100s)->event.trigger), 3) << "the first was overtaken";
}

TEST_F(ArqSignHooksTest, bodies_have_both_casings_and_old_and_new_fields) {
    book_.tell(process(ArqSignEnd::completed), 100s);
    const auto body = [&](std::size_t delivery, const ArqSignHookForm& form) {
        return json::parse(arqsign_notification(hook_, book_.account(), hook_.deliveries[delivery], form));
    };
    const json concluded = body(3, {.local_now = "14/02/2025 18:22:41"});
    EXPECT_EQ(concluded["Evento"], "ProcessoConcluido");
    EXPECT_EQ(concluded["IdEvento"], 8);
    EXPECT_EQ(concluded["IdConta"], book_.account());
    EXPECT_EQ(concluded["IdWebhook"], hook_.id);
    EXPECT_EQ(concluded["StatusProcesso"], "Concluído");
    EXPECT_EQ(concluded["IdStatusProcesso"], 4);
    EXPECT_EQ(concluded["Signatarios"].size(), 2U);
    EXPECT_EQ(body(1, {})["Signatarios"].size(), 1U) << "only who has signed";
    const json old = body(3, {.camel_case = true, .old_fields = true, .no_id_evento = true});
    EXPECT_EQ(old["status"], "Concluído");
    EXPECT_FALSE(old.contains("statusProcesso"));
    EXPECT_FALSE(old.contains("idEvento"));
    EXPECT_EQ(body(3, {.minimal = true}).size(), 5U);
}

TEST_F(ArqSignHooksTest, the_signature_is_that_of_rfc_4231) {
    EXPECT_EQ(arqsign_hmac("Jefe", "what do ya want for nothing?", true),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(arqsign_hmac("Jefe", "what do ya want for nothing?"), "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
    EXPECT_EQ(brazilian_time(1'739'557'361s), "14/02/2025 18:22:41");
}

}  // namespace
}  // namespace signwatch::simulator
