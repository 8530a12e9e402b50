#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/sensitive.hpp"
#include "core/ports/http.hpp"

/// What Adobe's bodies say beside agreements: hosts, tokens, errors, lists and webhooks. Pure functions. Those called
/// parse_ throw Error(integrity) with the codes of core/json/value.hpp and "json_field".
namespace signwatch::adobe_sign {

/// The access point of the account without a trailing slash, in either spelling of baseUris (adobe-signhub 1.1). Not
/// yet checked against the allowed hosts.
std::string parse_access_point(std::string_view body);

/// The answer to a refresh (adobe-signhub 1.2).
struct WireToken {
    Secret access;
    Secret refresh;  ///< empty: the old one stays
    std::chrono::seconds lifetime{3'600};
};
WireToken parse_token(std::string_view body);

/// An error as its body tells it, in Adobe's form or that of RFC 6749 (adobe-signhub 1.2, 1.4).
struct WireError {
    std::string code;    ///< an upper-case word, empty for anything else: messages name people
    std::string action;  ///< apiActionId, for the provider's support; empty if it is not told
    std::optional<std::chrono::seconds> retry_after;

    /// For error texts: " (CODE, apiActionId ...)" or what there is of it.
    std::string told() const;
};
/// Never throws: a page of HTML says nothing.
WireError error_in(const HttpResponse& response);

/// One agreement of a search or list. Its status is worth a look at most: it is the caller's view, and late.
struct WireAsset {
    std::string id;
    std::string reference;
    std::string token;  ///< what changes when the agreement does
    std::string status;
};

struct SearchPage {
    std::vector<WireAsset> assets;
    std::optional<std::int64_t> next_index;  ///< nullopt: this is the last page
    std::optional<std::int64_t> total;
};
SearchPage parse_search(std::string_view body);

struct ListPage {
    std::vector<WireAsset> assets;
    std::string next_cursor;  ///< empty: this is the last page
};
ListPage parse_list(std::string_view body);

struct WireWebhook {
    std::string id;
    bool active = false;
};
struct WebhookPage {
    std::vector<WireWebhook> webhooks;
    std::string next_cursor;
};
WebhookPage parse_webhooks(std::string_view body);
WireWebhook parse_webhook(std::string_view body);

}  // namespace signwatch::adobe_sign
