#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/fakes/child_process.hpp"
#include "tests/fakes/temp_dir.hpp"
#include "tests/fakes/test_pki.hpp"

namespace signwatch::testing {

/// s3rver (tests/s3rver) with TLS on a free port of 127.0.0.1, with one empty bucket. Knows neither If-None-Match nor
/// checksums, so that what a store does without them is tried.
class S3Server {
public:
    /// Throws std::runtime_error if it does not start; tests/s3rver/install puts it in place.
    S3Server();

    /// "https://localhost:PORT"
    std::string endpoint() const { return "https://localhost:" + std::to_string(port_); }
    /// Below which the bucket is a host of its own.
    std::string virtual_endpoint() const { return "https://s3.localhost:" + std::to_string(port_); }
    std::string bucket() const { return "contracts"; }
    const std::string& ca_file() const { return ca_file_; }
    const std::string& access_key_id_file() const { return id_file_; }
    const std::string& secret_access_key_file() const { return secret_file_; }

private:
    TempDir directory_;
    TestAuthority authority_{"S3 authority"};
    std::string ca_file_;
    std::string id_file_;
    std::string secret_file_;
    int port_ = 0;
    std::optional<ChildProcess> process_;
};

}  // namespace signwatch::testing
