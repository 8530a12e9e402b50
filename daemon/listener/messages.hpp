#pragma once

#include <string>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "daemon/listener/exchange.hpp"

namespace signwatch::listener {

/// A text that grows as the body arrives: Beast's own would reserve what the header promises.
struct GrowingBody {
    using value_type = std::string;

    class reader {
    public:
        template <bool IsRequest, typename Fields>
        reader(boost::beast::http::header<IsRequest, Fields>& /*header*/, value_type& body) : body_(body) {}

        void init(const boost::optional<std::uint64_t>& /*length*/, boost::system::error_code& failed) { failed = {}; }
        template <typename Buffers>
        std::size_t put(const Buffers& buffers, boost::system::error_code& failed) {
            failed = {};
            for (const auto buffer : boost::beast::buffers_range_ref(buffers))
                body_.append(static_cast<const char*>(buffer.data()), buffer.size());
            return boost::beast::buffer_bytes(buffers);
        }
        void finish(boost::system::error_code& failed) { failed = {}; }

    private:
        value_type& body_;
    };
};

using Parser = boost::beast::http::request_parser<GrowingBody>;
using Response = boost::beast::http::response<boost::beast::http::string_body>;

/// Without the body.
Request request_of(const Parser::value_type& message);

/// `head`: the request was HEAD, so the body is only described.
Response make_response(Answer answer, unsigned version, bool keep_alive, bool head);

/// How something is refused that the parser refused: 400, 413 or 431.
int status_of(const boost::system::error_code& error);

/// Whether the other side sent something wrong; false: it, or the connection, ended.
bool is_protocol_error(const boost::system::error_code& error);

}  // namespace signwatch::listener
