#include "tests/simulator/adobe/api.hpp"

#include <algorithm>
#include <cmath>

#include "core/crypto/digest.hpp"

namespace signwatch::simulator::adobe {
namespace {

constexpr std::string_view json_type = "application/json;charset=UTF-8";
constexpr microseconds in_flight = 500ms;  ///< a call may have been under way when another one was told to wait

Reply html_reply(unsigned status) {
    return {.status = status, .content_type = "text/html", .text = "<!DOCTYPE html><html><body>Proxy</body></html>"};
}

std::string bare(std::string_view etag) {
    if (etag.starts_with("W/")) etag.remove_prefix(2);
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
    return std::string(etag);
}

}  // namespace

AdobeApi::AdobeApi(const Parts& parts)
    : parts_(parts),
      identical_gets_(parts.options.calls),
      calls_({{"minute", 60s, parts.options.calls.per_minute}}),
      searches_({{"minute", 60s, parts.options.calls.search_per_minute},
                 {"hour", 1h, parts.options.calls.search_per_hour},
                 {"day", 24h, parts.options.calls.search_per_day}}) {}

bool AdobeApi::fires(AdobeFault fault, std::int64_t agreement) {
    if (!parts_.faults.fires(static_cast<std::size_t>(fault), agreement)) return false;
    parts_.referee.count("faults");
    return true;
}

Reply error_reply(unsigned status, std::string_view code) {
    return {.status = status, .content_type = json_type, .text = error_body(code).dump()};
}

Reply AdobeApi::malformed(const Call& call, const Moment& now) {
    const std::string what(call.target.substr(0, call.target.find('?')));
    parts_.referee.record("malformed_calls", now, std::string(call.method) + " " + what);
    return error_reply(400, "BAD_REQUEST");
}

Reply AdobeApi::handle(const Call& call, std::size_t host, const Moment& now) {
    parts_.referee.count("calls");
    try {
        if (call.target.starts_with("/oauth/")) return oauth(call, call.target, now);
        if (call.target.starts_with(base)) return authorised(call, host, now);
    } catch (const std::invalid_argument&) {
        return malformed(call, now);
    } catch (const nlohmann::json::exception&) {
        return malformed(call, now);
    }
    parts_.referee.record("unknown_urls", now, std::string(call.target.substr(0, call.target.find('?'))));
    return html_reply(404);
}

std::optional<Reply> AdobeApi::without_right(const Call& call, const Moment& now) {
    constexpr std::string_view scheme = "Bearer ";
    const std::string_view header = call.header("Authorization");
    if (header.empty()) {
        parts_.referee.record("wrong_credentials", now, "no token");
        return error_reply(401, "NO_AUTHORIZATION_HEADER");
    }
    const bool bearer = header.starts_with(scheme);
    const std::string token(header.substr(bearer ? scheme.size() : 0));
    const auto standing = parts_.tokens.standing(token, now.virtual_time);
    if (bearer && standing == Tokens::Standing::valid) return std::nullopt;
    if (bearer && standing == Tokens::Standing::expired)
        parts_.referee.count("expired_tokens_used");
    else
        parts_.referee.record("wrong_credentials", now, "an unknown token");
    return error_reply(401, "INVALID_ACCESS_TOKEN");
}

Reply AdobeApi::authorised(const Call& call, std::size_t host, const Moment& now) {
    if (auto refusal = without_right(call, now)) return std::move(*refusal);
    const Target target = read_target(call.target, base);
    if (target.path.empty()) return malformed(call, now);
    Asked asked{call, target, now, "me " + std::string(call.header("x-api-user"))};
    if (target.path.size() > 1 && target.path[0] == "agreements") {
        asked.agreement = parts_.world.find(target.path[1]);
        if (asked.agreement != nullptr) asked.number = asked.agreement->number;
    }
    const bool discovers = target.path[0] == "baseUris" || target.path[0] == "base_uris";
    if (!discovers && host != home_) {
        parts_.referee.count("wrong_access_point");
        return error_reply(400, "INVALID_API_ACCESS_POINT");
    }
    if (auto reply = paused(asked)) return std::move(*reply);
    if (auto reply = over_budget(asked)) return std::move(*reply);
    if (auto reply = asked_too_often(asked)) return std::move(*reply);
    if (auto reply = failed(asked)) return std::move(*reply);
    return damaged(asked, conditional(asked, dispatch(asked)));
}

// What Retry-After says is real time, rounded up.
std::int64_t AdobeApi::told_seconds(microseconds wait) const {
    const double real = std::chrono::duration<double>(wait).count() / parts_.options.clock_rate;
    return std::max<std::int64_t>(1, std::llround(std::ceil(real)));
}

Reply AdobeApi::wait_for(const Asked& asked, microseconds wait, bool whole_user, bool high_load) {
    parts_.referee.count("throttled");
    const std::int64_t seconds = told_seconds(wait);
    const auto told = std::chrono::duration<double>(static_cast<double>(seconds)) * parts_.options.clock_rate;
    const microseconds until = asked.now.virtual_time + std::chrono::duration_cast<microseconds>(told);
    if (whole_user)
        pauses_.begin(asked.user, until, asked.now.wall);
    else
        identical_gets_.told(std::string(asked.call.target) + " " + asked.user, until);
    ordered_json body = error_body(high_load ? "THROTTLING_HIGH_SYSTEM_LOAD" : "THROTTLING_TOO_MANY_REQUESTS");
    body["message"] = "Try again in " + std::to_string(seconds) + " seconds (apiActionId=sim-0001)";
    if (!fires(AdobeFault::throttled_without_body)) body["retryAfter"] = seconds;
    Reply reply{.status = 429, .content_type = json_type, .text = body.dump()};
    const bool other_name = high_load && fires(AdobeFault::high_load_other_header);
    if (!fires(AdobeFault::throttled_without_header))
        reply.fields = (other_name ? "retryAfter: " : "Retry-After: ") + std::to_string(seconds) + "\r\n";
    if (high_load) reply.fields += "X-Throttling-Reason: high-system-load\r\n";
    return reply;
}

// A whole user waits after the budget was used up, and when the platform is busy.
std::optional<Reply> AdobeApi::paused(const Asked& asked) {
    const auto pause = pauses_.broken(asked.user, asked.now.virtual_time);
    if (!pause) return std::nullopt;
    if (asked.now.wall - pause->told < in_flight)
        parts_.referee.count("calls_in_flight_at_429");
    else
        parts_.referee.record("calls_before_retry_after", asked.now, "while all calls had to wait");
    return wait_for(asked, pause->until - asked.now.virtual_time, true, false);
}

std::optional<Reply> AdobeApi::over_budget(const Asked& asked) {
    const auto verdict = calls_.call(asked.now.virtual_time);
    if (verdict.exceeded != nullptr) return wait_for(asked, verdict.wait, true, false);
    if (asked.target.path[0] != "search") return std::nullopt;
    const auto searches = searches_.call(asked.now.virtual_time);
    if (searches.exceeded == nullptr) return std::nullopt;
    parts_.referee.record("search_over_limit", asked.now, std::string(searches.exceeded->name));
    return wait_for(asked, searches.wait, true, false);
}

// Over the threshold a conditional GET is answered 304: that says nothing about what is asked for.
std::optional<Reply> AdobeApi::asked_too_often(const Asked& asked) {
    if (asked.call.method != "GET") return std::nullopt;
    const std::string what = std::string(asked.call.target) + " " + asked.user;
    const auto verdict = identical_gets_.ask(what, asked.now.virtual_time);
    const std::string where = asked.target.path.size() > 2 ? asked.target.path[2] : asked.target.path[0];
    if (verdict.against_it) parts_.referee.record("calls_before_retry_after", asked.now, where);
    if (verdict.wait == microseconds{}) return std::nullopt;
    parts_.referee.record(
        "identical_gets_too_soon", asked.now, where + " of agreement " + std::to_string(asked.number));
    const std::string_view etag = asked.call.header("If-None-Match");
    if (etag.empty()) return wait_for(asked, verdict.wait, false, false);
    return Reply{.status = 304, .fields = "ETag: " + std::string(etag) + "\r\n"};
}

std::optional<Reply> AdobeApi::failed(const Asked& asked) {
    if (fires(AdobeFault::unauthorized, asked.number)) return error_reply(401, "INVALID_ACCESS_TOKEN");
    if (fires(AdobeFault::terms_403, asked.number)) return error_reply(403, "API_TERMS_NOT_ACCEPTED");
    if (fires(AdobeFault::throttled, asked.number)) return wait_for(asked, 2s, false, false);
    if (fires(AdobeFault::high_load, asked.number)) return wait_for(asked, 2s, true, true);
    if (fires(AdobeFault::error_500, asked.number)) return error_reply(500, "MISC_SERVER_ERROR");
    if (fires(AdobeFault::html_503, asked.number)) return html_reply(503);
    return std::nullopt;
}

Reply AdobeApi::conditional(const Asked& asked, Reply reply) {
    if (asked.call.method != "GET" || reply.status != 200 || asked.target.path.size() < 2) return reply;
    std::string etag = "D" + crypto::sha256_hex(reply.body()).substr(0, 12);
    if (fires(AdobeFault::quoted_etags)) etag = "\"" + etag + "\"";
    const std::string_view known = asked.call.header("If-None-Match");
    const bool stale = !known.empty() && fires(AdobeFault::stale_304, asked.number);
    if (!known.empty() && known != etag && bare(known) == bare(etag))
        parts_.referee.record("etags_altered", asked.now, asked.target.path.back());
    if (known == etag || stale) {
        parts_.referee.count("not_modified");
        return {.status = 304, .fields = "ETag: " + std::string(known) + "\r\n"};
    }
    reply.fields += "ETag: " + etag + "\r\n";
    return reply;
}

Reply AdobeApi::damaged(const Asked& asked, Reply reply) {
    const std::int64_t number = asked.number;
    if (!reply.document && fires(AdobeFault::not_json, number)) {
        reply.text = "<html>" + reply.text;
        reply.written = nullptr;
    }
    if (fires(AdobeFault::slow, number)) reply.delivery = Delivery::slow;
    if (fires(AdobeFault::cut_before, number)) reply.delivery = Delivery::cut_before;
    if (fires(AdobeFault::cut_in_body, number)) reply.delivery = Delivery::cut_in_body;
    return reply;
}

}  // namespace signwatch::simulator::adobe
