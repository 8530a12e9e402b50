#include "providers/adobe_sign/tokens.hpp"

#include <algorithm>

#include "core/crypto/digest.hpp"
#include "core/domain/error.hpp"
#include "providers/adobe_sign/requests.hpp"
#include "providers/adobe_sign/secrets.hpp"

namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;

constexpr milliseconds refused_rest = 10min;
constexpr milliseconds trouble_rest = 5s;
constexpr std::uint64_t largest_answer = 64 << 10;

// Nothing of the answer but its code word: descriptions name tokens and people.
Error refusal_of(const HttpResponse& answer) {
    const WireError told = error_in(answer);
    const bool theirs = answer.status == 408 || answer.status == 429 || answer.status >= 500;
    const std::string what = "no new access token, HTTP " + std::to_string(answer.status) + told.told();
    Error error(theirs ? ErrorKind::transient : ErrorKind::unauthorized, "adobe_login", what);
    const milliseconds rest = theirs ? trouble_rest : refused_rest;
    return error.with_retry_after(std::max<milliseconds>(rest, told.retry_after.value_or(0s)));
}

// At least a minute before the end, but a token that lives shorter still serves for half its life.
milliseconds head_start(milliseconds lifetime) {
    return std::min<milliseconds>(std::max<milliseconds>(60s, lifetime / 10), lifetime / 2);
}

}  // namespace

Tokens::Tokens(const Settings& settings, const ProviderContext& context, Hosts& hosts, Keepsakes& keepsakes)
    : clock_(context.clock),
      another_call_(context.another_call),
      hosts_(hosts),
      keepsakes_(keepsakes),
      oauth_(settings.login.integration_key_file.empty()),
      bootstrap_(settings.root_url),
      client_id_(settings.login.client_id),
      refresh_path_(settings.login.refresh_path),
      keepsake_("adobe_sign/" + settings.account_terms.account + "/refresh_token"),
      flight_(context.clock) {
    if (!oauth_) {
        access_ = read_secret_file(settings.login.integration_key_file);
        return;
    }
    client_secret_ = read_secret_file(settings.login.client_secret_file);
    given_refresh_ = read_secret_file(settings.login.refresh_token_file);
}

Task<void> Tokens::prepare(std::string root) {
    if (!oauth_ || is_fresh()) co_return;
    std::function<Task<void>()> errand = [this, root] { return refresh(root); };
    try {
        co_await flight_.join(std::move(errand));
    } catch (const Error&) {
        // Refreshing ahead of time leaves time to fail.
        if (access_.empty() || clock_.schedule_now() >= ends_at_) throw;
    }
}

std::string Tokens::authorization() const {
    return "Bearer " + std::string(access_.reveal());
}

Task<void> Tokens::renew(std::uint64_t refused, std::string root) {
    if (generation_ != refused) co_return;
    ends_at_ = renew_at_ = clock_.schedule_now();
    std::function<Task<void>()> errand = [this, root] { return refresh(root); };
    co_await flight_.join(std::move(errand));
}

Task<void> Tokens::refresh(std::string root) {
    if (refresh_.empty()) co_await recall();
    HttpResponse answer = co_await ask(root);
    if (root != bootstrap_ && error_in(answer).code == "INVALID_API_ACCESS_POINT") {
        answer = co_await ask(bootstrap_);
    }
    co_await take(answer);
}

// What is kept belongs to the token it was got with: a new one from the operator counts more.
Task<void> Tokens::recall() {
    const std::string kept = co_await keepsakes_.remember(keepsake_, "");
    const std::string mark = crypto::sha256_hex(given_refresh_.reveal()) + "\n";
    const bool newer = kept.size() > mark.size() && kept.starts_with(mark);
    refresh_ = Secret(newer ? kept.substr(mark.size()) : std::string(given_refresh_.reveal()));
}

Task<HttpResponse> Tokens::ask(std::string root) {
    if (another_call_) co_await another_call_();
    HttpRequest request;
    request.method = "POST";
    request.url = Sensitive{root + refresh_path_};
    request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
    request.headers.push_back({"Accept", "application/json"});
    request.body = "grant_type=refresh_token&refresh_token=" + percent_encoded(refresh_.reveal()) +
                   "&client_id=" + percent_encoded(client_id_) +
                   "&client_secret=" + percent_encoded(client_secret_.reveal());
    request.total_timeout = 30s;
    request.max_body = largest_answer;
    HttpClient& client = hosts_.at(root);
    co_return co_await client.send(std::move(request));
}

Task<void> Tokens::take(const HttpResponse& answer) {
    if (answer.status < 200 || answer.status > 299) throw refusal_of(answer);
    WireToken token = parse_token(answer.body);
    if (!token.refresh.empty() && token.refresh.reveal() != refresh_.reveal()) {
        // In memory first: if it cannot be kept now, the next refresh uses it, and keeps its successor.
        refresh_ = std::move(token.refresh);
        std::string kept = kept_value();
        co_await keepsakes_.replace(keepsake_, std::move(kept));
    }
    access_ = std::move(token.access);
    const WallTime now = clock_.schedule_now();
    const milliseconds lifetime = token.lifetime;
    ends_at_ = now + lifetime;
    renew_at_ = ends_at_ - head_start(lifetime);
    ++generation_;
}

std::string Tokens::kept_value() const {
    return crypto::sha256_hex(given_refresh_.reveal()) + "\n" + std::string(refresh_.reveal());
}

bool Tokens::is_fresh() const {
    return !access_.empty() && clock_.schedule_now() < renew_at_;
}

}  // namespace signwatch::adobe_sign
