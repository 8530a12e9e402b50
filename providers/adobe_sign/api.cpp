#include "providers/adobe_sign/api.hpp"

#include <utility>

#include "core/domain/error.hpp"
#include "providers/adobe_sign/answer.hpp"
#include "providers/adobe_sign/wire_account.hpp"

namespace signwatch::adobe_sign {
namespace {

using namespace std::chrono_literals;

constexpr const char* rest = "/api/rest/v6";

bool refuses_token(const HttpResponse& response) {
    return response.status == 401 && error_in(response).code == "INVALID_ACCESS_TOKEN";
}

// By the code alone: the status that comes with it is not documented.
bool refuses_access_point(const HttpResponse& response) {
    return response.status >= 400 && error_in(response).code == "INVALID_API_ACCESS_POINT";
}

Keepsakes& needed(Keepsakes* keepsakes) {
    if (!keepsakes) throw Error(ErrorKind::permanent, "provider_call", "this provider has to keep things");
    return *keepsakes;
}

ApiCall discovery(const char* path) {
    ApiCall call;
    call.path = path;
    call.headers.push_back({"Accept", "application/json"});
    call.max_body = 64 << 10;
    return call;
}

}  // namespace

Api::Api(const Settings& settings, const ProviderContext& context)
    : clock_(context.clock),
      keepsakes_(needed(context.keepsakes)),
      bootstrap_(settings.root_url),
      keepsake_("adobe_sign/" + settings.account_terms.account + "/access_point"),
      api_user_(settings.login.api_user),
      gap_(settings.pace.gap),
      another_call_(context.another_call),
      hosts_(context.http, settings.identity(), settings.allowed_hosts),
      tokens_(settings, context, hosts_, keepsakes_),
      recall_flight_(context.clock),
      discovery_flight_(context.clock) {
    // Certificates and authorities that cannot be used are found now.
    hosts_.at(bootstrap_);
}

Task<HttpResponse> Api::call(ApiCall call, DocumentSink* sink) {
    co_await prepare();
    const std::string asked = root_;
    HttpResponse response = co_await authorised(asked, call, sink);
    if (!refuses_access_point(response)) co_return std::move(response);
    co_await move_from(asked);
    co_await one_more();
    const std::string now_at = root_;
    co_return co_await authorised(now_at, std::move(call), sink);
}

Task<void> Api::one_more() {
    if (another_call_) co_await another_call_();
}

Task<void> Api::prepare() {
    std::function<Task<void>()> recalling = [this] { return recall(); };
    std::function<Task<void>()> discovering = [this] { return discover(); };
    if (!recalled_) co_await recall_flight_.join(std::move(recalling));
    if (root_.empty()) co_await discovery_flight_.join(std::move(discovering));
}

// "bootstrap\naccess point": another bootstrap host is another account.
Task<void> Api::recall() {
    const std::string kept = co_await keepsakes_.remember(keepsake_, "");
    const std::string mark = bootstrap_ + "\n";
    recalled_ = true;
    if (kept.size() <= mark.size() || !kept.starts_with(mark)) co_return;
    std::string root = kept.substr(mark.size());
    // Hosts that are not allowed any more are discovered anew.
    if (hosts_.allows(root)) root_ = std::move(root);
}

Task<void> Api::move_from(std::string refused) {
    if (root_ != refused) co_return;
    std::function<Task<void>()> discovering = [this] { return discover(); };
    co_await discovery_flight_.join(std::move(discovering));
}

// baseUris is a polled GET like any other: not twice within the gap.
Task<void> Api::discover() {
    const WallTime now = clock_.schedule_now();
    if (discovered_at_ && now < *discovered_at_ + gap_) {
        Error error(ErrorKind::transient, "adobe_access_point", "the access point was asked for a moment ago");
        throw error.with_retry_after(*discovered_at_ + gap_ - now);
    }
    discovered_at_ = now;
    std::optional<Error> unasked;
    HttpResponse answer;
    try {
        answer = co_await ask_where();
    } catch (const Error& error) {
        unasked = error;
    }
    if (unasked) {
        // Nobody has heard the question: it may be asked again as soon as the back-off likes.
        const bool unheard = unasked->code() == "http_connect" || unasked->code() == "adobe_login";
        if (unheard || unasked->code() == "budget_spent") discovered_at_.reset();
        throw *unasked;
    }
    if (answer.status < 200 || answer.status > 299) throw error_for(answer, clock_.now());
    take(answer);
    std::string kept = kept_value();
    co_await keepsakes_.replace(keepsake_, std::move(kept));
}

Task<HttpResponse> Api::ask_where() {
    co_await one_more();
    ApiCall first = discovery("/baseUris");
    HttpResponse answer = co_await authorised(bootstrap_, std::move(first), nullptr);
    if (answer.status != 404) co_return std::move(answer);
    co_await one_more();
    ApiCall second = discovery("/base_uris");
    co_return co_await authorised(bootstrap_, std::move(second), nullptr);
}

void Api::take(const HttpResponse& answer) {
    std::string root = parse_access_point(answer.body);
    hosts_.at(root);
    root_ = std::move(root);
}

std::string Api::kept_value() const {
    return bootstrap_ + "\n" + root_;
}

Task<HttpResponse> Api::authorised(std::string root, ApiCall call, DocumentSink* sink) {
    co_await tokens_.prepare(root);
    const std::uint64_t used = tokens_.generation();
    HttpResponse response = co_await transmit(root, call, sink);
    if (!tokens_.renewable() || !refuses_token(response)) co_return std::move(response);
    co_await tokens_.renew(used, root);
    co_await one_more();
    co_return co_await transmit(root, std::move(call), sink);
}

Task<HttpResponse> Api::transmit(std::string root, ApiCall call, DocumentSink* sink) {
    HttpClient& client = hosts_.at(root);
    HttpRequest request = request_for(root, std::move(call));
    if (!sink) co_return co_await client.send(std::move(request));
    DocumentSink& into = *sink;
    co_return co_await client.download(std::move(request), into);
}

HttpRequest Api::request_for(const std::string& root, ApiCall call) const {
    HttpRequest request;
    request.method = std::move(call.method);
    request.url = Sensitive{root + rest + call.path};
    request.headers = std::move(call.headers);
    request.headers.push_back({"Authorization", tokens_.authorization()});
    if (!api_user_.empty()) request.headers.push_back({"x-api-user", api_user_.reveal()});
    request.body = std::move(call.body);
    request.connect_timeout = 10s;
    request.total_timeout = call.total_timeout;
    request.max_body = call.max_body;
    return request;
}

}  // namespace signwatch::adobe_sign
