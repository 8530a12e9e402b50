#include "tests/simulator/adobe/api.hpp"

namespace signwatch::simulator::adobe {
namespace {

Reply json_text(const ordered_json& body, unsigned status = 200) {
    return {.status = status, .content_type = "application/json;charset=UTF-8", .text = body.dump()};
}

Reply oauth_error(std::string_view error) {
    return json_text({{"error", error}, {"error_description", "simulated"}}, 400);
}

std::string field(const std::map<std::string, std::string>& form, const std::string& name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
}

}  // namespace

// The guide has both "/oauth/v2/refresh" and "/oauth/refresh"; parameters are in the body.
Reply AdobeApi::oauth(const Call& call, std::string_view path, const Moment& now) {
    path.remove_prefix(std::string_view("/oauth/").size());
    if (path.starts_with("v2/")) path.remove_prefix(3);
    const bool proper =
        call.method == "POST" && call.header("Content-Type").starts_with("application/x-www-form-urlencoded");
    if (!proper) return malformed(call, now);
    const auto form = read_form(call.body);
    if (path == "revoke") {
        const bool known = parts_.tokens.revoke(field(form, "token"), now.virtual_time);
        return known ? Reply{} : error_reply(400, "INVALID_TOKEN");
    }
    if (path != "refresh" && path != "token") return malformed(call, now);
    const bool ours = field(form, "client_id") == parts_.tokens.client_id() &&
                      field(form, "client_secret") == parts_.tokens.client_secret();
    if (!ours) {
        parts_.referee.record("wrong_credentials", now, "client id or secret");
        return oauth_error("invalid_client");
    }
    if (path == "refresh") return refresh(form, now);
    if (field(form, "grant_type") != "authorization_code" || field(form, "code").empty()) return malformed(call, now);
    return tokens_told(parts_.tokens.grant(now.virtual_time), true);
}

Reply AdobeApi::refresh(const std::map<std::string, std::string>& form, const Moment& now) {
    if (field(form, "grant_type") != "refresh_token") return oauth_error("unsupported_grant_type");
    parts_.referee.count("refreshes");
    if (fires(AdobeFault::refresh_500)) return error_reply(500, "MISC_SERVER_ERROR");
    const std::string token = field(form, "refresh_token");
    if (fires(AdobeFault::refresh_invalid_grant)) return oauth_error("invalid_grant");
    const microseconds left = parts_.tokens.newest_until() - now.virtual_time;
    const bool keep = fires(AdobeFault::refresh_keeps_token);
    const auto pair = parts_.tokens.refresh(token, now.virtual_time, keep);
    if (!pair) {
        const bool dead = parts_.tokens.was_ours(token);
        parts_.referee.record(dead ? "refresh_with_dead_token" : "wrong_credentials", now, "refresh token");
        return oauth_error("invalid_grant");
    }
    if (left > parts_.tokens.access_life() / 2) parts_.referee.count("refreshes_while_fresh");
    Reply reply = tokens_told(*pair, false);
    if (fires(AdobeFault::refresh_reply_lost)) reply.delivery = Delivery::cut_before;
    return reply;
}

Reply AdobeApi::tokens_told(const Tokens::Pair& pair, bool with_hosts) {
    ordered_json body{{"access_token", pair.access_token}};
    if (pair.refresh_token) body["refresh_token"] = *pair.refresh_token;
    body["token_type"] = "Bearer";
    body["expires_in"] = told_seconds(parts_.tokens.access_life());
    if (with_hosts) {
        body["api_access_point"] = access_point();
        body["web_access_point"] = access_point();
    }
    return json_text(body);
}

}  // namespace signwatch::simulator::adobe
