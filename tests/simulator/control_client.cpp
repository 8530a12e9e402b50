#include "tests/simulator/control_client.hpp"

#include <stdexcept>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <nlohmann/json.hpp>

namespace signwatch::simulator {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

nlohmann::json call(const std::string& control, http::verb verb, const std::string& path, const std::string& body) {
    const auto port = static_cast<std::uint16_t>(std::stoi(control.substr(control.rfind(':') + 1)));
    asio::io_context loop;
    asio::ip::tcp::socket socket(loop);
    socket.connect({asio::ip::address_v4::loopback(), port});
    http::request<http::string_body> request(verb, path, 11, body);
    request.set(http::field::host, "127.0.0.1");
    request.keep_alive(false);
    request.prepare_payload();
    http::write(socket, request);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(boost::none);
    http::read(socket, buffer, parser);
    if (parser.get().result_int() >= 300) throw std::runtime_error(path + ": " + parser.get().body());
    return nlohmann::json::parse(parser.get().body());
}

}  // namespace

nlohmann::json control_get(const std::string& control, const std::string& path) {
    return call(control, http::verb::get, path, "");
}

nlohmann::json control_post(const std::string& control, const std::string& path, const nlohmann::json& body) {
    return call(control, http::verb::post, path, body.dump());
}

}  // namespace signwatch::simulator
