#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>

#include "core/ports/task.hpp"
#include "tests/simulator/virtual_clock.hpp"

namespace signwatch::simulator {

/// Where notifications go.
struct HookUrl {
    std::string host;
    std::uint16_t port = 443;
    std::string target;
};

/// nullopt for anything but https on this machine (127.0.0.1, localhost, [::1]): nothing here calls out.
std::optional<HookUrl> read_hook_url(std::string_view url);

/// How a sender of webhooks connects.
struct HookTls {
    std::filesystem::path authority{};    ///< of the listener's certificate; empty: it is not checked
    std::filesystem::path certificate{};  ///< the sender's own; empty: it has none
    std::filesystem::path key{};
    bool only_tls_1_2 = true;  ///< as Adobe does (adobe 1.8)
};
boost::asio::ssl::context hook_tls(const HookTls& tls);

struct HookCall {
    std::string_view method = "POST";
    std::vector<std::pair<std::string_view, std::string>> headers{};
    std::string body{};
    bool cut = false;  ///< the connection ends in the middle of the body
};

struct HookAnswer {
    unsigned status = 0;      ///< 0: there was none
    std::string client_id{};  ///< what X-AdobeSign-ClientId says
    std::string body{};
    microseconds took{};
    bool late = false;  ///< it was not there within the limit, though the listener had the request
};

/// One connection to a listener, kept alive between calls. Lives on the loop, which outlives it.
class HookClient {
public:
    HookClient(boost::asio::io_context& loop, boost::asio::ssl::context& tls, HookUrl url);
    ~HookClient();
    HookClient(const HookClient&) = delete;
    HookClient& operator=(const HookClient&) = delete;

    /// Does not throw. `limit` is real time, connecting included.
    Task<HookAnswer> send(HookCall call, microseconds limit);

private:
    struct Line;
    Task<HookAnswer> attempt(const HookCall& call, microseconds limit);
    Task<void> connect();
    std::string head_of(const HookCall& call) const;

    boost::asio::io_context& loop_;
    boost::asio::ssl::context& tls_;
    HookUrl url_;
    std::unique_ptr<Line> line_;
};

}  // namespace signwatch::simulator
