#include "tests/simulator/connection.hpp"

#include <array>

#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace signwatch::simulator {

namespace asio = boost::asio;
using asio::use_awaitable;
using asio::ip::tcp;

Connection::Connection(tcp::socket socket) : socket_(std::move(socket)) {
    boost::system::error_code ignored;
    socket_.set_option(tcp::no_delay{true}, ignored);
}

Task<std::size_t> Connection::read_some(asio::mutable_buffer space) {
    co_return co_await socket_.async_read_some(space, use_awaitable);
}

Task<void> Connection::write(std::string_view first, std::string_view second) {
    const std::array<asio::const_buffer, 2> pieces{asio::buffer(first), asio::buffer(second)};
    co_await asio::async_write(socket_, pieces, use_awaitable);
}

void Connection::cut() {
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
    socket_.close(ignored);
}

}  // namespace signwatch::simulator
