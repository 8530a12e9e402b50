#include "providers/adobe_sign/wire_account.hpp"

#include <algorithm>

#include "core/domain/error.hpp"
#include "core/json/folding.hpp"
#include "core/json/value.hpp"
#include "providers/adobe_sign/wire.hpp"

namespace signwatch::adobe_sign {
namespace {

using json::Value;
using std::chrono::seconds;

constexpr std::size_t longest_error = 64 << 10;
constexpr std::size_t longest_token = 8'192;
constexpr std::size_t longest_cursor = 2'048;
constexpr std::size_t most_assets = 5'000;
constexpr std::int64_t longest_wait = 86'400;
constexpr seconds shortest_lifetime{1};
constexpr seconds longest_lifetime{86'400};

[[noreturn]] void refuse(const char* what) {
    throw Error(ErrorKind::integrity, "json_field", what);
}

json::Limits limits_of_a_page() {
    json::Limits limits;
    limits.bytes = 8 << 20;
    limits.values = 500'000;
    return limits;
}

Value object_of(std::string_view body, const json::Limits& limits = {}) {
    Value document = json::parse(body, limits);
    if (!document.is_object()) refuse("the body is no object");
    return document;
}

bool is_token(std::string_view text) {
    return text.size() <= longest_token && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
}

Secret token_in(const Value& value) {
    Secret token{std::string{json::trimmed(value.text_or_empty())}};
    if (!is_token(token.reveal())) refuse("a token is no token");
    return token;
}

std::string cursor_in(const Value& document) {
    std::string cursor{json::trimmed(document["page"]["nextcursor"].text_or_empty())};
    if (cursor.size() > longest_cursor) refuse("a cursor is too long");
    return cursor;
}

const std::vector<Value>& elements_of(const Value& list, const char* what) {
    if (!list.is_null() && !list.is_list()) refuse(what);
    if (list.items().size() > most_assets) refuse("a page is too long");
    return list.items();
}

bool is_plain(std::string_view text, std::size_t longest) {
    return !text.empty() && text.size() <= longest && std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

// "(apiActionId=...)" within the message
std::string action_in(std::string_view message) {
    constexpr std::string_view name = "apiActionId=";
    const auto at = message.find(name);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = message.substr(at + name.size());
    const std::string_view action = rest.substr(0, rest.find_first_of(") ,."));
    return is_plain(action, 64) ? std::string(action) : std::string();
}

WireWebhook webhook_in(const Value& value) {
    WireWebhook webhook;
    webhook.id = bounded_text(value["id"]);
    webhook.active = clean_word(value["status"].text_or_empty()) == "ACTIVE";
    return webhook;
}

}  // namespace

std::string parse_access_point(std::string_view body) {
    const Value document = object_of(body);
    std::string root = bounded_text(document.any_of({"apiaccesspoint", "api_access_point"}));
    while (root.ends_with('/'))
        root.pop_back();
    if (root.empty()) refuse("the base URIs have no API access point");
    return root;
}

WireToken parse_token(std::string_view body) {
    const Value document = object_of(body);
    WireToken token;
    token.access = token_in(document["access_token"]);
    token.refresh = token_in(document["refresh_token"]);
    if (token.access.empty()) refuse("the answer has no access token");
    if (const auto told = document["expires_in"].integer())
        token.lifetime = std::clamp(seconds{*told}, shortest_lifetime, longest_lifetime);
    return token;
}

std::string WireError::told() const {
    std::string text = code;
    if (!action.empty()) text += (text.empty() ? "apiActionId " : ", apiActionId ") + action;
    return text.empty() ? "" : " (" + text + ")";
}

WireError error_in(const HttpResponse& response) {
    WireError error;
    if (response.body.size() > longest_error) return error;
    try {
        const Value document = object_of(response.body);
        const std::string code = document.any_of({"code", "error"}).text_or_empty();
        if (is_plain(code, 64)) error.code = clean_word(code);
        error.action = action_in(document["message"].text_or_empty());
        const auto told = document["retryafter"].integer();
        if (told && *told >= 0) error.retry_after = seconds{std::min(*told, longest_wait)};
    } catch (const Error&) {
        // Not JSON: the status alone counts.
    }
    return error;
}

SearchPage parse_search(std::string_view body) {
    const Value document = object_of(body, limits_of_a_page());
    const Value& results = document["agreementassetsresults"];
    if (!results.is_object()) refuse("the search has no results");
    SearchPage page;
    for (const Value& value : elements_of(results["agreementassetsresultlist"], "the results are no list")) {
        WireAsset asset;
        asset.id = bounded_text(value["id"]);
        asset.reference = reference_in(value["externalid"]);
        asset.token = bounded_text(value["modifieddate"]);
        // The date tells seconds, and a signer's act and the end it brings are often in the same one.
        asset.status = clean_word(value["status"].text_or_empty());
        if (!asset.token.empty()) asset.token += "/" + asset.status;
        if (!asset.id.empty()) page.assets.push_back(std::move(asset));
    }
    page.next_index = results["searchpageinfo"]["nextindex"].integer();
    const Value& total = results["totalhits"];
    page.total = total.is_null() ? document["totalhits"].integer() : total.integer();
    return page;
}

ListPage parse_list(std::string_view body) {
    const Value document = object_of(body, limits_of_a_page());
    ListPage page;
    for (const Value& value : elements_of(document["useragreementlist"], "the agreements are no list")) {
        WireAsset asset;
        asset.id = bounded_text(value["id"]);
        asset.reference = reference_in(value["externalid"]);
        asset.status = clean_word(value["status"].text_or_empty());
        asset.token = bounded_text(value["latestversionid"]) + "/" + asset.status;
        if (!asset.id.empty()) page.assets.push_back(std::move(asset));
    }
    page.next_cursor = cursor_in(document);
    return page;
}

WebhookPage parse_webhooks(std::string_view body) {
    const Value document = object_of(body, limits_of_a_page());
    WebhookPage page;
    for (const Value& value : elements_of(document["userwebhooklist"], "the webhooks are no list"))
        page.webhooks.push_back(webhook_in(value));
    page.next_cursor = cursor_in(document);
    return page;
}

WireWebhook parse_webhook(std::string_view body) {
    return webhook_in(object_of(body));
}

}  // namespace signwatch::adobe_sign
