#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "tests/simulator/answer_times.hpp"
#include "tests/simulator/hook_client.hpp"

namespace signwatch::simulator {

/// A flood of notifications against a listener on this machine.
struct FloodOptions {
    std::string url{};
    int rate = 1000;  ///< notifications a second, evenly spaced, whether or not the earlier ones are answered
    int seconds = 5;
    int connections = 50;
    bool arqsign = false;     ///< ArqSign's notifications, instead of Adobe's
    std::string client_id{};  ///< of Adobe: X-AdobeSign-ClientId
    std::string hmac_key{};   ///< of ArqSign
    std::string account = "CBJCHBCAABAAaccount";
    std::string webhook = "5f0c1d8e-3b1a-4d0e-9a52-70c2f1a9e001";
    std::string subject = "CBJCHBCAABAAflooded*";  ///< the agreement or process that all are about
    HookTls tls{};
};

/// What became of it.
struct FloodResult {
    std::uint64_t sent = 0;
    std::uint64_t acknowledged = 0;  ///< 2XX with the echo; of ArqSign, 200
    std::uint64_t without_echo = 0;
    std::uint64_t unanswered = 0;
    std::map<unsigned, std::uint64_t> statuses;
    AnswerTimes times;
    double took_s = 0;
    double behind_s = 0;  ///< how late the last notification was sent

    nlohmann::json to_json() const;
};

/// The body of notification `number`; each is another one.
std::string flood_body(const FloodOptions& options, std::uint64_t number);

/// Sends rate * seconds notifications over that many connections that are kept alive. Blocks; throws
/// std::invalid_argument for options that are out of bounds or lead off this machine.
FloodResult flood(const FloodOptions& options);

}  // namespace signwatch::simulator
