#pragma once

#include <string>
#include <vector>

#include "core/domain/sensitive.hpp"
#include "core/ports/http.hpp"

namespace signwatch::arqsign {

/// Reads a file of keys, one a line, at most 8 of them; white space around each is dropped. Throws Error(permanent,
/// "credential_file") naming the file that cannot be read or holds anything else.
std::vector<Secret> read_keys(const std::string& file);

/// The two keys that every call carries (posten-arqsign 2.2).
class Credentials {
public:
    /// Reads both files: one key each, white space around it is dropped. Throws Error(permanent, "credential_file")
    /// naming the file that cannot be read or holds no key.
    Credentials(const std::string& app_key_file, const std::string& subscription_key_file);

    /// The headers; their copies of the keys live as long as the request.
    std::vector<HttpHeader> headers() const;

private:
    Secret app_key_;
    Secret subscription_key_;
};

}  // namespace signwatch::arqsign
