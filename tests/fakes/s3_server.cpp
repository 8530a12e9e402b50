#include "tests/fakes/s3_server.hpp"

#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace signwatch::testing {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds start_limit{60};

std::string content_of(const std::filesystem::path& path) {
    std::ostringstream content;
    content << std::ifstream(path).rdbuf();
    return content.str();
}

// "S3rver listening on 127.0.0.1:12345"
int port_in(const std::string& log) {
    const std::string words = "listening on 127.0.0.1:";
    const auto begin = log.find(words);
    const auto end = log.find('\n', begin);
    if (begin == std::string::npos || end == std::string::npos) return 0;
    return std::stoi(log.substr(begin + words.size(), end));
}

}  // namespace

S3Server::S3Server() {
    Subject subject;
    subject.common_name = "s3";
    subject.dns_names = {"localhost", "contracts.s3.localhost"};
    const KeyPair pair = authority_.issue(subject);
    ca_file_ = directory_.write("ca.pem", authority_.certificate_pem());
    id_file_ = directory_.write("id", "S3RVER\n");
    secret_file_ = directory_.write("secret", "S3RVER\n");
    const std::vector<std::string> arguments{"node",
                                             "--openssl-legacy-provider",  // its continuation tokens are DES
                                             "--require",
                                             SIGNWATCH_S3RVER_FIX,
                                             SIGNWATCH_S3RVER,
                                             "--directory",
                                             directory_.path() / "objects",
                                             "--address",
                                             "127.0.0.1",
                                             "--port",
                                             "0",
                                             "--silent",
                                             "--service-endpoint",
                                             "localhost",
                                             "--key",
                                             directory_.write("key.pem", pair.key_pem),
                                             "--cert",
                                             directory_.write("cert.pem", pair.certificate_pem),
                                             "--configure-bucket",
                                             bucket()};
    const auto log = directory_.path() / "s3rver.log";
    process_.emplace(arguments, log);
    const auto deadline = Clock::now() + start_limit;
    while ((port_ = port_in(content_of(log))) == 0) {
        if (!process_->running() || Clock::now() >= deadline) {
            throw std::runtime_error("s3rver does not start (tests/s3rver/install puts it in place):\n" +
                                     content_of(log));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
}

}  // namespace signwatch::testing
