#pragma once

#include <string>
#include <vector>

#include "tests/fakes/child_process.hpp"
#include "tests/simulator/key_material.hpp"

namespace signwatch::simulator {

/// An answer as the curl program saw it; status 0 if there was none.
struct CurlAnswer {
    int status = 0;
    std::string headers{};
    std::string body{};
    int exit_code = 0;
};

/// Calls the simulator with the curl program: an HTTP client that shares no code with it. The certificate names no
/// host, so the host-name check is off.
class CurlClient {
public:
    explicit CurlClient(const KeyMaterial& keys) : keys_(keys) {}

    CurlAnswer call(const std::string& url, std::vector<std::string> extra = {}) const {
        std::vector<std::string> arguments{"curl", "-s", "-k", "-i", "--cert", keys_.client, "--key", keys_.client_key};
        arguments.insert(arguments.end(), extra.begin(), extra.end());
        arguments.push_back(url);
        return parsed(testing::run(arguments));
    }
    CurlAnswer post(const std::string& url) const { return call(url, {"-X", "POST"}); }

    static CurlAnswer parsed(const testing::RunResult& result) {
        CurlAnswer answer{.exit_code = result.exit_code};
        const auto end = result.output.find("\r\n\r\n");
        if (end == std::string::npos) return answer;
        answer.headers = result.output.substr(0, end + 2);
        answer.body = result.output.substr(end + 4);
        answer.status = std::stoi(answer.headers.substr(9, 3));
        return answer;
    }

private:
    KeyMaterial keys_;
};

}  // namespace signwatch::simulator
