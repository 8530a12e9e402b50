#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"
#include "core/domain/error.hpp"
#include "providers/arqsign/config.hpp"
#include "providers/arqsign/webhooks.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/fuzz/promise.hpp"
#include "tests/fuzz/targets.hpp"

namespace signwatch::fuzz {
namespace {

const std::string key = "3d0c9a52-77aa-4f0e-8b1d-90aa11bb22cc";

arqsign::ArqSignWebhooks make_webhooks() {
    const signwatch::testing::TempDir folder;
    arqsign::WebhookSettings settings;
    settings.hmac_key_file = folder.write("key", key).string();
    settings.hmac_hex = true;
    return arqsign::ArqSignWebhooks(settings);
}

void check_hints(const arqsign::ArqSignWebhooks& webhooks, std::string_view body) {
    try {
        for (const ProcessHint& hint : webhooks.read(body))
            expect(arqsign::is_process_id(hint.process_id), "a hint names a process");
    } catch (const Error& error) {
        expect(error.kind() == ErrorKind::permanent, "what cannot be read will never be");
    }
}

}  // namespace

void arqsign_webhook(std::string_view body) {
    static const arqsign::ArqSignWebhooks webhooks = make_webhooks();
    const crypto::Sha256Bytes digest = crypto::hmac_sha256(key, body);
    const std::vector<HttpHeader> genuine{{"HMAC", crypto::to_hex(digest)}};
    const WebhookAnswer accepted = webhooks.answer({"POST", genuine, body});
    expect(accepted.status == 200 && accepted.queue, "what is signed is queued");
    expect(!accepted.dedup_key.empty() && accepted.dedup_key.size() <= 128, "it has a key of bounded size");
    const std::vector<HttpHeader> forged{{"HMAC", std::string(body)}};
    const WebhookAnswer refused = webhooks.answer({"POST", forged, body});
    expect(refused.status == 400 && !refused.queue && refused.refused == "bad_hmac", "what is not is refused");
    check_hints(webhooks, body);
}

}  // namespace signwatch::fuzz
