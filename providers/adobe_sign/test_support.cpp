#include "providers/adobe_sign/test_support.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"

namespace signwatch::adobe_sign::testing {
namespace {

const std::filesystem::path source_dir = SIGNWATCH_SOURCE_DIR;

class ScriptedClient final : public HttpClient {
public:
    ScriptedClient(ScriptedHosts& hosts, std::string origin) : hosts_(hosts), origin_(std::move(origin)) {}

    Task<HttpResponse> send(HttpRequest request) override {
        const auto loop = co_await boost::asio::this_coro::executor;
        co_await boost::asio::post(loop, boost::asio::use_awaitable);
        if (!request.url.reveal().starts_with(origin_ + "/")) throw std::logic_error("asked of the wrong host");
        co_return hosts_.answer(std::move(request));
    }

    Task<HttpResponse> download(HttpRequest request, DocumentSink& sink) override {
        HttpResponse response = co_await send(std::move(request));
        if (response.status == 200) {
            // In two pieces, as a network might.
            const auto bytes = std::as_bytes(std::span{response.body});
            sink.write(bytes.first(bytes.size() / 2));
            sink.write(bytes.subspan(bytes.size() / 2));
            response.body.clear();
        }
        co_return response;
    }

private:
    ScriptedHosts& hosts_;
    std::string origin_;
};

}  // namespace

std::string read_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.filename().string());
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string fixture(const std::string& name) {
    return read_text(source_dir / "providers/adobe_sign/fixtures" / name);
}

std::string agreement(const std::string& status) {
    std::string body = fixture("agreement.json");
    const std::string fixed = "OUT_FOR_SIGNATURE";
    return body.replace(body.find(fixed), fixed.size(), status);
}

std::vector<std::filesystem::path> samples(const std::string& prefix) {
    std::vector<std::filesystem::path> files;
    // Beside the sources, or one level further up.
    for (const auto& parent : {source_dir.parent_path(), source_dir.parent_path().parent_path()}) {
        const auto directory = parent / "shared/provider-data/adobe";
        if (!files.empty() || !std::filesystem::exists(directory)) continue;
        for (const auto& entry : std::filesystem::directory_iterator(directory)) {
            if (entry.path().filename().string().starts_with(prefix)) files.push_back(entry.path());
        }
    }
    if (files.empty()) std::cout << "the samples of the protocol notes are not at hand\n";
    std::ranges::sort(files);
    return files;
}

Pseudonymise pseudonymise() {
    return [](const Sensitive& identity) {
        const auto hash = crypto::hmac_sha256("the key of this test", identity.reveal());
        return crypto::to_base32(hash).substr(0, 26);
    };
}

std::string ref(const std::string& participant_id) {
    return participant_ref(participant_id, pseudonymise());
}

Origin origin() {
    return {"loans", 5, agreement_id};
}

Watch watch(const std::string& bookmark) {
    Watch watch;
    watch.id = 5;
    watch.key = {"loans", WatchKind::process, agreement_id};
    watch.since = *parse_iso8601("2026-05-11T09:50:00Z");
    watch.bookmark = bookmark;
    return watch;
}

HttpResponse response(int status, std::string body, std::vector<HttpHeader> headers) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    return response;
}

Settings settings() {
    Settings settings;
    settings.root_url = "https://api.adobesign.com";
    settings.allowed_hosts = {".adobesign.com"};
    settings.host.origin = settings.root_url;
    settings.login.refresh_path = "/oauth/v2/refresh";
    settings.pace = pace_of_tier("enterprise");
    settings.sweep.interval = std::chrono::minutes{15};
    settings.sweep.overlap = std::chrono::minutes{30};
    settings.sweep.first = std::chrono::hours{24};
    settings.sweep.types = {"AGREEMENT"};
    settings.sweep.page_size = 50;
    settings.webhooks.client_ids = {"CLIENT-1"};
    settings.webhooks.check_interval = std::chrono::hours{1};
    settings.account_terms.account = "loans";
    settings.account_terms.max_document_size = 5 << 20;
    return settings;
}

std::unique_ptr<HttpClient> ScriptedHosts::create(HttpIdentity identity) {
    return std::make_unique<ScriptedClient>(*this, identity.origin);
}

HttpResponse ScriptedHosts::answer(HttpRequest request) {
    log.push_back(request.method + " " + request.url.reveal());
    requests.push_back(request);
    return script_(request);
}

int ScriptedHosts::asked(const std::string& part) const {
    return static_cast<int>(std::ranges::count_if(
        requests, [&](const HttpRequest& request) { return request.url.reveal().find(part) != std::string::npos; }));
}

Task<std::string> MemoryKeepsakes::remember(std::string name, std::string value_if_absent) {
    co_return values.emplace(std::move(name), std::move(value_if_absent)).first->second;
}

Task<void> MemoryKeepsakes::replace(std::string name, std::string value) {
    hosts_.log.push_back("keep " + name);
    if (broken) throw Error(ErrorKind::transient, "store_io", "the disk is full");
    values[name] = std::move(value);
    co_return;
}

Task<void> HandClock::sleep_until(WallTime /*due*/, Wake& /*wake*/) {
    throw std::logic_error("a provider never sleeps");
}

}  // namespace signwatch::adobe_sign::testing
