#include "core/domain/error.hpp"
#include "providers/adobe_sign/config.hpp"
#include "providers/adobe_sign/webhooks.hpp"
#include "tests/fuzz/promise.hpp"
#include "tests/fuzz/targets.hpp"

namespace signwatch::fuzz {
namespace {

void check_answers(const adobe_sign::AdobeWebhooks& webhooks, std::string_view body) {
    const std::vector<HttpHeader> known{{"X-AdobeSign-ClientId", "CLIENT-1"}};
    const WebhookAnswer accepted = webhooks.answer({"POST", known, body});
    expect(accepted.status == 200 && accepted.queue, "what names our application is queued");
    expect(!accepted.dedup_key.empty() && accepted.dedup_key.size() <= 128, "it has a key of bounded size");
    expect(webhooks.answer({"POST", known, body}).dedup_key == accepted.dedup_key, "a repeat has the same key");
    const std::vector<HttpHeader> stranger{{"X-AdobeSign-ClientId", std::string(body)}};
    const WebhookAnswer refused = webhooks.answer({"POST", stranger, body});
    expect(refused.queue == (refused.status == 200), "only what is taken is answered with 200");
    expect(refused.queue == refused.refused.empty(), "who is refused is told apart");
}

void check_hints(const adobe_sign::AdobeWebhooks& webhooks, std::string_view body) {
    try {
        for (const ProcessHint& hint : webhooks.read(body))
            expect(adobe_sign::is_agreement_id(hint.process_id), "a hint names an agreement");
    } catch (const Error& error) {
        expect(error.kind() == ErrorKind::permanent, "what cannot be read will never be");
    }
}

}  // namespace

void adobe_webhook(std::string_view body) {
    static const adobe_sign::AdobeWebhooks webhooks({"CLIENT-1", "UB7E5BXCXY"});
    check_answers(webhooks, body);
    check_hints(webhooks, body);
}

}  // namespace signwatch::fuzz
