#pragma once

#include <chrono>
#include <string>

namespace signwatch::postgres {

/// Where the database is and how to get in. Files are read when a connection is made.
struct Server {
    std::string host = "localhost";  ///< a name, an address, or the directory of a Unix socket
    int port = 5432;
    std::string database = "signwatch";
    std::string user = "signwatch";
    std::string password_file;  ///< empty: none is sent
    bool tls = true;            ///< with the server's certificate and name verified; never over a Unix socket
    std::string ca_file;        ///< empty: the system's authorities
    std::string certificate_file;
    std::string key_file;
    int readers = 2;                                             ///< connections for what only reads
    std::chrono::milliseconds lease = std::chrono::seconds{10};  ///< of a member's lease
};

/// The connection string for libpq. Throws Error(unauthorized, "store_credential") if the password cannot be read.
std::string connection_string(const Server& server);

}  // namespace signwatch::postgres
