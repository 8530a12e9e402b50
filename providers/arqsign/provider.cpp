#include "providers/arqsign/provider.hpp"

#include <algorithm>

#include "core/domain/error.hpp"
#include "providers/arqsign/answer.hpp"
#include "providers/arqsign/mapping.hpp"

namespace signwatch::arqsign {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t largest_status = 256 << 10;

// Passes everything on and counts it: the answer alone does not tell whether a document came.
class CountedSink final : public DocumentSink {
public:
    explicit CountedSink(DocumentSink& next) : next_(next) {}

    void write(std::span<const std::byte> bytes) override {
        next_.write(bytes);
        received_ += bytes.size();
    }
    std::uint64_t received() const { return received_; }

private:
    DocumentSink& next_;
    std::uint64_t received_ = 0;
};

void allow(HttpRequest& request, std::uint64_t size) {
    request.max_body = size;
    request.connect_timeout = 10s;
    // A megabyte per second or five minutes, whichever is longer, plus what the first byte may take.
    request.total_timeout = std::max<milliseconds>(5min, std::chrono::seconds{size >> 20}) + 2min;
}

void check_process(const std::string& id) {
    // It becomes part of a URL.
    if (is_process_id(id)) return;
    throw Error(ErrorKind::permanent, "watch_unknown", "a watch of something that is no process of ArqSign");
}

}  // namespace

ArqSignProvider::ArqSignProvider(Settings settings, const ProviderContext& context)
    : settings_(std::move(settings)),
      credentials_(settings_.app_key_file, settings_.subscription_key_file),
      clients_(context.http),
      clock_(context.clock),
      pseudonymise_(context.pseudonymise),
      http_(context.http.create(settings_.identity())) {
    if (!settings_.webhook.hmac_key_file.empty()) webhooks_.emplace(settings_.webhook);
}

Task<PollResult> ArqSignProvider::poll(Watch watch) {
    HttpRequest request = status_request(watch);
    HttpResponse response = co_await http_->send(std::move(request));
    co_return read_poll(std::move(response), clock_.now(), watch, settings_);
}

std::optional<StatusUpdate> ArqSignProvider::presume_ended(const Watch& watch) const {
    if (!is_process_id(watch.key.target)) return std::nullopt;
    return presumed_end(watch);
}

Task<StatusUpdate> ArqSignProvider::complete(StatusUpdate update, DocumentIntake& intake) {
    HttpRequest request = process_request(update);
    BodyFilter body(update.state == ProcessState::completed ? &intake : nullptr);
    const HttpResponse response = co_await http_->download(std::move(request), body);
    co_return read_process(response, body, clock_.now(), std::move(update), settings_, pseudonymise_);
}

// A client of its own: other hosts never see our keys, and they are rarely called.
Task<void> ArqSignProvider::download(DocumentRef document, DocumentSink& sink) {
    const std::unique_ptr<HttpClient> client = clients_.create(settings_.identity_for(document.locator));
    HttpRequest request;
    request.url = document.locator;
    request.headers.push_back({"Accept", "application/pdf, application/octet-stream"});
    allow(request, settings_.account_terms.max_document_size);
    CountedSink counted(sink);
    const HttpResponse response = co_await client->download(std::move(request), counted);
    check_download(response, counted.received(), clock_.now());
}

HttpRequest ArqSignProvider::status_request(const Watch& watch) const {
    check_process(watch.key.target);
    HttpRequest request;
    request.url = Sensitive(settings_.status_url(watch.key.target));
    request.headers = credentials_.headers();
    request.headers.push_back({"Accept", "application/json"});
    request.max_body = largest_status;
    request.total_timeout = 60s;
    return request;
}

HttpRequest ArqSignProvider::process_request(const StatusUpdate& update) const {
    check_process(update.process_id);
    HttpRequest request;
    request.url = Sensitive(settings_.process_url(update.process_id, update.state == ProcessState::completed));
    request.headers = credentials_.headers();
    request.headers.push_back({"Accept", "application/json"});
    allow(request, settings_.max_response);
    // It may take the provider long to gather 100 MB; until then not a byte comes.
    request.min_bytes_per_second = 0;
    return request;
}

}  // namespace signwatch::arqsign
