#include "providers/posten/provider.hpp"

#include <algorithm>
#include <functional>

#include "core/domain/error.hpp"
#include "providers/posten/xml_guard.hpp"

namespace signwatch::posten {
namespace {

using namespace std::chrono_literals;

// Passes everything on and counts it: the answer alone does not tell whether a document came.
class CountingSink final : public DocumentSink {
public:
    explicit CountingSink(DocumentSink& next) : next_(next) {}

    void write(std::span<const std::byte> bytes) override {
        next_.write(bytes);
        received_ += bytes.size();
    }
    std::uint64_t received() const { return received_; }

private:
    DocumentSink& next_;
    std::uint64_t received_ = 0;
};

// The HTTP client guards URLs in full; this only keeps nonsense from getting that far.
void check_url(const Sensitive& url) {
    const std::string& text = url.reveal();
    const bool printable = std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7F; });
    if (!text.starts_with("https://") || !printable) {
        throw Error(ErrorKind::permanent, "url_refused", "the provider named an address that is not an https URL");
    }
}

// A megabyte per second or five minutes, whichever is longer, plus what the first byte may take.
milliseconds patience_for(std::uint64_t size) {
    return std::max<milliseconds>(5min, std::chrono::seconds{size >> 20}) + 1min;
}

HttpRequest confirmation_request(Sensitive url) {
    HttpRequest request;
    request.method = "POST";
    request.url = std::move(url);
    request.headers.push_back({"Accept", "application/xml"});
    request.max_body = XmlLimits::bytes;
    return request;
}

}  // namespace

PostenProvider::PostenProvider(Settings settings, const ProviderContext& context)
    : settings_(std::move(settings)),
      clock_(context.clock),
      pseudonymise_(context.pseudonymise),
      http_(context.http.create(settings_.identity())),
      random_(static_cast<std::minstd_rand::result_type>(std::hash<std::string>{}(settings_.account_terms.account))) {}

Task<PollResult> PostenProvider::poll(Watch watch) {
    HttpRequest request = poll_request(watch.key.target);
    HttpResponse response = co_await http_->send(std::move(request));
    const Arrival now = arrival();
    co_return read_poll(std::move(response), now, watch, settings_, pseudonymise_);
}

Task<void> PostenProvider::download(DocumentRef document, DocumentSink& sink) {
    check_url(document.locator);
    HttpRequest request = document_request(document);
    CountingSink counting(sink);
    const HttpResponse response = co_await http_->download(std::move(request), counting);
    check_download(response, counting.received(), arrival(), settings_.pacing);
}

Task<AcknowledgeOutcome> PostenProvider::acknowledge(Sensitive acknowledge_at) {
    check_url(acknowledge_at);
    HttpRequest request = confirmation_request(std::move(acknowledge_at));
    const HttpResponse response = co_await http_->send(std::move(request));
    const Arrival now = arrival();
    co_return read_confirmation(response, now, settings_.pacing);
}

HttpRequest PostenProvider::poll_request(const std::string& target) const {
    const auto queue = std::ranges::find(settings_.queues, target, &Queue::target);
    if (queue == settings_.queues.end()) {
        throw Error(ErrorKind::permanent, "watch_unknown", "a watch that this account does not have");
    }
    HttpRequest request;
    request.url = Sensitive{settings_.poll_url(*queue)};
    request.headers.push_back({"Accept", "application/xml"});
    request.max_body = XmlLimits::bytes;
    return request;
}

// The Accept values of the provider's Java client (1.10): application/xml stands for the error body.
HttpRequest PostenProvider::document_request(const DocumentRef& document) const {
    const bool pades = document.kind == DocumentKind::pades;
    HttpRequest request;
    request.url = document.locator;
    request.headers.push_back({"Accept", pades ? "application/octet-stream, application/xml" : "application/xml"});
    request.connect_timeout = 10s;
    request.total_timeout = patience_for(settings_.max_document_size);
    request.max_body = settings_.max_document_size;
    return request;
}

Arrival PostenProvider::arrival() {
    std::uniform_real_distribution<double> jitter(0.0, 1.0);
    return Arrival{clock_.now(), jitter(random_)};
}

}  // namespace signwatch::posten
