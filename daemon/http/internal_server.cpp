#include "daemon/http/internal_server.hpp"

#include <array>
#include <set>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include "core/domain/error.hpp"
#include "core/runtime/task_group.hpp"
#include "daemon/http/internal_routes.hpp"

namespace signwatch::internal_http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using local = asio::local::stream_protocol;
using Stream = beast::basic_stream<asio::generic::stream_protocol>;
using Parser = http::request_parser<http::string_body>;
using Response = http::response<http::string_body>;

constexpr std::size_t first_read = 2048;
constexpr std::chrono::seconds linger_time{1};
constexpr int most_lingering_reads = 64;

template <typename Acceptor, typename Address>
void open(Acceptor& acceptor, const Address& endpoint) {
    acceptor.open(endpoint.protocol());
    if constexpr (std::is_same_v<Address, tcp::endpoint>) acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen();
}

/// A socket file whose owner is gone is in the way; any other file, and a socket that somebody listens on, is not ours
/// to remove.
void remove_dead_socket(asio::any_io_executor loop, const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
    local::socket probe(std::move(loop));
    error_code failed;
    probe.connect(local::endpoint(path), failed);
    if (failed == asio::error::connection_refused) ::unlink(path.c_str());
}

Response make_response(const InternalAnswer& answer, unsigned version, bool keep_alive, bool head) {
    Response response(static_cast<http::status>(answer.status), version);
    response.set(http::field::content_type, answer.content_type);
    response.set(http::field::cache_control, "no-store");
    response.set("X-Content-Type-Options", "nosniff");
    if (!answer.allow.empty()) response.set(http::field::allow, answer.allow);
    response.keep_alive(keep_alive);
    response.content_length(answer.body.size());
    if (!head) response.body() = answer.body;
    return response;
}

InternalAnswer refusal(const error_code& error) {
    InternalAnswer answer;
    answer.status = 400;
    if (error == http::error::header_limit) answer.status = 431;
    if (error == http::error::body_limit) answer.status = 413;
    answer.body = "bad request\n";
    return answer;
}

InternalRoutes::Hooks make_hooks(const telemetry::Metrics& metrics, telemetry::Log& log) {
    InternalRoutes::Hooks hooks;
    hooks.render_metrics = [&metrics] { return metrics.render(); };
    hooks.log_level = [&log] { return std::string(telemetry::name_of(log.level())); };
    hooks.set_log_level = [&log](std::string_view name) {
        const auto level = telemetry::level_from(name);
        if (level) log.set_level(*level);
        return level.has_value();
    };
    return hooks;
}

bool is_protocol_error(const error_code& error) {
    return error.category() == http::make_error_code(http::error::bad_method).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

}  // namespace

struct InternalServer::Parts {
    Parts(const asio::any_io_executor& executor,
          InternalRoutes answering,
          telemetry::Logger failures,
          const InternalLimits& most)
        : loop(executor),
          routes(std::move(answering)),
          logger(std::move(failures)),
          limits(most),
          tasks(executor, [this](const std::string& task, const std::string& what) { report(task, what); }),
          tcp_acceptor(executor),
          local_acceptor(executor) {}

    void bind(const config::Endpoint& address);
    void report(const std::string& task, const std::string& what) {
        logger.error("a task failed", {{"task", task}, {"error", what}});
    }
    template <typename Acceptor>
    Task<void> accept(Acceptor& acceptor);
    void take(asio::generic::stream_protocol::socket socket);
    Task<void> serve(std::unique_ptr<Stream> stream);
    Task<bool> serve_one(Stream& stream, beast::flat_buffer& buffer);
    Task<bool> wait_for_request(Stream& stream, beast::flat_buffer& buffer);
    Task<bool> respond(Stream& stream, const Response& response);
    Task<void> linger(Stream& stream);

    asio::any_io_executor loop;
    InternalRoutes routes;
    telemetry::Logger logger;
    InternalLimits limits;
    runtime::TaskGroup tasks;
    tcp::acceptor tcp_acceptor;
    local::acceptor local_acceptor;
    std::string socket_file;
    bool trusted = false;  ///< only this machine can reach us
    std::set<Stream*> streams;
    bool stopping = false;
};

template <typename Acceptor>
Task<void> InternalServer::Parts::accept(Acceptor& acceptor) {
    asio::steady_timer pause(loop);
    while (!stopping) {
        error_code failed;
        auto token = asio::redirect_error(asio::use_awaitable, failed);
        auto socket = co_await acceptor.async_accept(token);
        if (stopping) break;
        if (!failed) {
            take(asio::generic::stream_protocol::socket(std::move(socket)));
            continue;
        }
        // Out of descriptors: the connection stays in the queue, so trying again at once would spin.
        pause.expires_after(std::chrono::milliseconds{100});
        co_await pause.async_wait(token);
    }
}

void InternalServer::Parts::take(asio::generic::stream_protocol::socket socket) {
    if (streams.size() >= limits.connections) return;
    auto stream = std::make_unique<Stream>(std::move(socket));
    stream->expires_after(limits.request_time);
    streams.insert(stream.get());
    tasks.spawn("internal connection", serve(std::move(stream)));
}

Task<void> InternalServer::Parts::serve(std::unique_ptr<Stream> stream) {
    beast::flat_buffer buffer(limits.header_bytes + limits.body_bytes);
    bool go_on = true;
    while (go_on && !stopping) {
        go_on = co_await serve_one(*stream, buffer);
        stream->expires_after(limits.idle_time);
    }
    streams.erase(stream.get());
}

Task<bool> InternalServer::Parts::wait_for_request(Stream& stream, beast::flat_buffer& buffer) {
    if (buffer.size() > 0) co_return true;
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    auto space = buffer.prepare(first_read);
    const std::size_t size = co_await stream.async_read_some(space, token);
    buffer.commit(size);
    co_return !failed;
}

Task<bool> InternalServer::Parts::serve_one(Stream& stream, beast::flat_buffer& buffer) {
    const bool begun = co_await wait_for_request(stream, buffer);
    if (!begun) co_return false;

    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser.body_limit(limits.body_bytes);
    stream.expires_after(limits.request_time);
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    co_await http::async_read(stream, buffer, parser, token);
    if (failed && !is_protocol_error(failed)) co_return false;
    if (failed) {
        const Response response = make_response(refusal(failed), 11, false, false);
        co_await respond(stream, response);
        co_await linger(stream);
        co_return false;
    }

    const auto& message = parser.get();
    InternalRequest request;
    request.method = std::string_view(message.method_string().data(), message.method_string().size());
    request.target = std::string_view(message.target().data(), message.target().size());
    request.body = message.body();
    request.trusted = trusted;
    const bool head = message.method() == http::verb::head;
    const Response response = make_response(routes.answer(request), message.version(), message.keep_alive(), head);
    const bool sent = co_await respond(stream, response);
    co_return sent&& response.keep_alive();
}

Task<bool> InternalServer::Parts::respond(Stream& stream, const Response& response) {
    stream.expires_after(limits.answer_time);
    error_code failed;
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    co_await http::async_write(stream, response, token);
    co_return !failed;
}

// Closing with unread bytes would reset the connection and take the answer with it.
Task<void> InternalServer::Parts::linger(Stream& stream) {
    error_code failed;
    stream.socket().shutdown(asio::socket_base::shutdown_send, failed);
    stream.expires_after(linger_time);
    auto token = asio::redirect_error(asio::use_awaitable, failed);
    std::array<char, first_read> ignored{};
    const auto space = asio::buffer(ignored);
    for (int reads = 0; reads < most_lingering_reads && !failed; ++reads) {
        co_await stream.async_read_some(space, token);
    }
}

void InternalServer::Parts::bind(const config::Endpoint& address) {
    trusted = address.is_local();
    if (!address.is_unix()) {
        const std::string host = address.host == "localhost" ? "127.0.0.1" : address.host;
        open(tcp_acceptor, tcp::endpoint(asio::ip::make_address(host), address.port));
        return;
    }
    remove_dead_socket(loop, address.unix_path);
    open(local_acceptor, local::endpoint(address.unix_path));
    socket_file = address.unix_path;
    constexpr mode_t owner_and_group = 0660;
    ::chmod(socket_file.c_str(), owner_and_group);
}

InternalServer::InternalServer(const asio::any_io_executor& loop,
                               const config::Endpoint& address,
                               const Health& health,
                               const telemetry::Metrics& metrics,
                               telemetry::Log& log,
                               const InternalLimits& limits)
    : parts_(std::make_unique<Parts>(
          loop, InternalRoutes(health, make_hooks(metrics, log)), log.logger("internal_http"), limits)) {
    try {
        parts_->bind(address);
    } catch (const boost::system::system_error& error) {
        throw Error(
            ErrorKind::permanent, "listen", "cannot listen on " + address.text() + ": " + error.code().message());
    }
}

InternalServer::~InternalServer() = default;

void InternalServer::start() {
    if (parts_->tcp_acceptor.is_open())
        parts_->tasks.spawn("internal listener", parts_->accept(parts_->tcp_acceptor));
    else
        parts_->tasks.spawn("internal listener", parts_->accept(parts_->local_acceptor));
}

void InternalServer::stop() {
    parts_->stopping = true;
    error_code ignored;
    parts_->tcp_acceptor.close(ignored);
    parts_->local_acceptor.close(ignored);
    if (!parts_->socket_file.empty()) ::unlink(parts_->socket_file.c_str());
    for (Stream* const stream : parts_->streams)
        stream->close();
}

int InternalServer::port() const {
    return parts_->tcp_acceptor.is_open() ? parts_->tcp_acceptor.local_endpoint().port() : 0;
}

std::size_t InternalServer::connections() const {
    return parts_->streams.size();
}

}  // namespace signwatch::internal_http
