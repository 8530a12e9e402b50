#include "tests/simulator/hook_client.hpp"

#include <charconv>
#include <chrono>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

namespace signwatch::simulator {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using boost::asio::use_awaitable;
using std::chrono::steady_clock;

constexpr std::size_t answer_limit = 64 * 1024;

microseconds since(steady_clock::time_point start) {
    return std::chrono::duration_cast<microseconds>(steady_clock::now() - start);
}

}  // namespace

std::optional<HookUrl> read_hook_url(std::string_view url) {
    constexpr std::string_view scheme = "https://";
    if (!url.starts_with(scheme)) return std::nullopt;
    url.remove_prefix(scheme.size());
    const auto slash = url.find('/');
    std::string_view authority = url.substr(0, slash);
    HookUrl result;
    result.target = slash == std::string_view::npos ? "/" : std::string(url.substr(slash));
    const auto colon = authority.rfind(':');
    if (colon != std::string_view::npos && !authority.ends_with(']')) {
        const std::string_view digits = authority.substr(colon + 1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), result.port);
        if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
        authority = authority.substr(0, colon);
    }
    result.host = authority;
    const bool here = result.host == "127.0.0.1" || result.host == "localhost" || result.host == "[::1]";
    return here ? std::optional(result) : std::nullopt;
}

ssl::context hook_tls(const HookTls& tls) {
    ssl::context context(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    if (tls.only_tls_1_2) SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_2_VERSION);
    if (!tls.authority.empty()) {
        context.load_verify_file(tls.authority.string());
        context.set_verify_mode(ssl::verify_peer);
    }
    if (!tls.certificate.empty()) {
        context.use_certificate_chain_file(tls.certificate.string());
        context.use_private_key_file(tls.key.string(), ssl::context::pem);
    }
    return context;
}

struct HookClient::Line {
    Line(asio::io_context& loop, ssl::context& tls) : stream(loop, tls) {}
    ssl::stream<beast::tcp_stream> stream;
    beast::flat_buffer buffer{answer_limit};
    bool has_request = false;
};

HookClient::HookClient(asio::io_context& loop, ssl::context& tls, HookUrl url)
    : loop_(loop), tls_(tls), url_(std::move(url)) {}

HookClient::~HookClient() = default;

std::string HookClient::head_of(const HookCall& call) const {
    std::string head(call.method);
    head += " " + url_.target + " HTTP/1.1\r\nHost: " + url_.host + ":" + std::to_string(url_.port) + "\r\n";
    head += "Accept: */*\r\nUser-Agent: signwatch-simulator\r\n";
    for (const auto& [name, value] : call.headers)
        (head += name) += ": " + value + "\r\n";
    if (call.method != "GET") head += "Content-Length: " + std::to_string(call.body.size()) + "\r\n";
    return head + "\r\n";
}

Task<void> HookClient::connect() {
    const asio::ip::address address = url_.host == "[::1]" ? asio::ip::address(asio::ip::address_v6::loopback())
                                                           : asio::ip::address(asio::ip::address_v4::loopback());
    const asio::ip::tcp::endpoint endpoint(address, url_.port);
    auto& socket = beast::get_lowest_layer(line_->stream);
    co_await socket.async_connect(endpoint, use_awaitable);
    socket.socket().set_option(asio::ip::tcp::no_delay{true});
    const std::string name = url_.host == "[::1]" ? "::1" : url_.host;
    line_->stream.set_verify_callback(ssl::host_name_verification(name));
    co_await line_->stream.async_handshake(ssl::stream_base::client, use_awaitable);
}

Task<HookAnswer> HookClient::attempt(const HookCall& call, microseconds limit) {
    const auto start = steady_clock::now();
    HookAnswer answer;
    try {
        const bool fresh = line_ == nullptr;
        if (fresh) line_ = std::make_unique<Line>(loop_, tls_);
        line_->has_request = false;
        beast::get_lowest_layer(line_->stream).expires_after(limit);
        if (fresh) co_await connect();
        std::string bytes = head_of(call);
        bytes += call.cut ? std::string_view(call.body).substr(0, call.body.size() / 2) : std::string_view(call.body);
        co_await asio::async_write(line_->stream, asio::buffer(bytes), use_awaitable);
        if (call.cut) {
            line_.reset();
            co_return answer;
        }
        line_->has_request = true;
        http::response<http::string_body> response;
        co_await http::async_read(line_->stream, line_->buffer, response, use_awaitable);
        answer.status = response.result_int();
        answer.client_id = std::string(response["X-AdobeSign-ClientId"]);
        answer.body = response.body();
        if (!response.keep_alive()) line_.reset();
    } catch (const boost::system::system_error& error) {
        answer.late = error.code() == beast::error::timeout && line_->has_request;
        line_.reset();
    }
    answer.took = since(start);
    co_return answer;
}

// A listener may close a connection that nobody has used for a while: that is no failure of its own.
Task<HookAnswer> HookClient::send(HookCall call, microseconds limit) {
    const bool reused = line_ != nullptr;
    HookAnswer answer = co_await attempt(call, limit);
    if (!reused || answer.status != 0 || answer.late || call.cut) co_return answer;
    answer = co_await attempt(call, limit);
    co_return answer;
}

}  // namespace signwatch::simulator
