#include "core/http/client_factory.hpp"

#include <utility>

#include <boost/system/system_error.hpp>

#include "core/http/connections.hpp"

namespace signwatch::http {

namespace {

class Registration {
public:
    Registration(Connections& connections, Exchange& exchange) : connections_(connections), exchange_(exchange) {
        connections_.start(exchange_);
    }
    ~Registration() { connections_.forget(exchange_); }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

private:
    Connections& connections_;
    Exchange& exchange_;
};

/// Holds the connections itself, so that the client may go while it waits.
Task<HttpResponse> perform(std::shared_ptr<Connections> connections, HttpRequest request, DocumentSink* sink) {
    UrlHandle url = connections->guard().admit(request.url.reveal());
    Exchange exchange(connections->loop(), std::move(request), std::move(url), sink, connections->limits());
    const Registration registration(*connections, exchange);
    try {
        while (!exchange.finished())
            co_await exchange.changed();
    } catch (const boost::system::system_error&) {
        throw Error(ErrorKind::cancelled, "cancelled", "the request was cancelled");
    }
    co_return exchange.conclude();
}

class Client : public HttpClient {
public:
    explicit Client(std::shared_ptr<Connections> connections) : connections_(std::move(connections)) {}
    ~Client() override { connections_->close(); }

    Task<HttpResponse> send(HttpRequest request) override { return perform(connections_, std::move(request), nullptr); }
    Task<HttpResponse> download(HttpRequest request, DocumentSink& sink) override {
        return perform(connections_, std::move(request), &sink);
    }

private:
    std::shared_ptr<Connections> connections_;
};

class CurlClientFactory : public ClientFactory {
public:
    CurlClientFactory(boost::asio::any_io_executor loop, const Limits& limits)
        : loop_(std::move(loop)), limits_(limits) {}

    std::unique_ptr<HttpClient> create(HttpIdentity identity) override {
        auto connections = std::make_shared<Connections>(loop_, identity, limits_);
        std::erase_if(created_, [](const std::weak_ptr<Connections>& one) { return one.expired(); });
        created_.push_back(connections);
        if (cancelled_) connections->close();
        return std::make_unique<Client>(std::move(connections));
    }

    void cancel_all() override {
        cancelled_ = true;
        for (const auto& one : created_) {
            if (const auto connections = one.lock()) connections->close();
        }
    }

private:
    boost::asio::any_io_executor loop_;
    Limits limits_;
    std::vector<std::weak_ptr<Connections>> created_;
    bool cancelled_ = false;
};

}  // namespace

std::unique_ptr<ClientFactory> make_client_factory(boost::asio::any_io_executor loop, Limits limits) {
    return std::make_unique<CurlClientFactory>(std::move(loop), limits);
}

void check_identity(const HttpIdentity& identity) {
    const UrlGuard guard(identity.origin, Limits{}.url_bytes);
    const TlsMaterial material(identity);
}

std::vector<CertificateExpiry> certificate_expiries(const HttpIdentity& identity) {
    return TlsMaterial(identity).expiries();
}

}  // namespace signwatch::http
