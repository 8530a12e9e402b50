#include "providers/signhub/provider.hpp"

#include "core/domain/error.hpp"
#include "providers/signhub/answer.hpp"
#include "providers/signhub/requests.hpp"

namespace signwatch::signhub {

SignhubProvider::SignhubProvider(Settings settings, const ProviderContext& context)
    : settings_(std::move(settings)),
      clock_(context.clock),
      pseudonymise_(context.pseudonymise),
      api_key_(read_api_key(settings_.api_key_file)),
      http_(context.http.create(settings_.identity())) {}

Task<PollResult> SignhubProvider::poll(Watch watch) {
    HttpRequest request = poll_request(watch);
    HttpResponse response = co_await http_->send(std::move(request));
    const WallTime now = clock_.schedule_now();
    co_return read_poll(std::move(response), watch, now, settings_.reading, settings_.pace, pseudonymise_);
}

Task<void> SignhubProvider::download(DocumentRef document, DocumentSink& sink) {
    HttpRequest request = document_request(document);
    PdfSink sniffing(sink);
    const HttpResponse response = co_await http_->download(std::move(request), sniffing);
    check_download(response, sniffing);
}

Task<std::string> SignhubProvider::inspect(DocumentKind /*kind*/, int descriptor, std::uint64_t size) {
    if (size > settings_.verify_max_size) co_return "not inspected: too large";
    HttpRequest request = inspection_request(descriptor, size);
    const HttpResponse response = co_await http_->send(std::move(request));
    co_return read_inspection(response);
}

HttpRequest SignhubProvider::poll_request(const Watch& watch) const {
    if (watch.key.kind != WatchKind::process || !settings_.mistake_in(watch.key.target).empty()) {
        throw Error(ErrorKind::permanent, "watch_unknown", "a watch that this account does not have");
    }
    return with_key(status_request(settings_.root_url, settings_.language, watch.key.target));
}

HttpRequest SignhubProvider::document_request(const DocumentRef& document) const {
    constexpr std::string_view prefix = "flow/";
    const std::string& locator = document.locator.reveal();
    const std::string flow = locator.substr(std::min(prefix.size(), locator.size()));
    const bool ours = document.kind == DocumentKind::signed_pdf && locator.starts_with(prefix);
    if (!ours || !settings_.mistake_in(flow).empty()) {
        throw Error(ErrorKind::permanent, "document_foreign", "a document that this provider does not have");
    }
    return with_key(download_request(settings_.root_url, flow, settings_.account_terms.max_document_size));
}

HttpRequest SignhubProvider::inspection_request(int descriptor, std::uint64_t size) const {
    return with_key(verification_request(settings_.root_url, read_document(descriptor, size)));
}

HttpRequest SignhubProvider::with_key(HttpRequest request) const {
    request.headers.push_back({"X-API-KEY", std::string{api_key_.reveal()}});
    return request;
}

}  // namespace signwatch::signhub
