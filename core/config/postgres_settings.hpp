#pragma once

#include <string>

#include "core/config/endpoint.hpp"
#include "core/config/section.hpp"

namespace signwatch::config {

/// [postgres]: the database that keeps the state when [store] says backend = "postgres". Files are read when a
/// connection is made.
struct PostgresSettings {
    Endpoint address{"localhost", 5432, ""};  ///< of a Unix socket: its directory
    std::string database = "signwatch";
    std::string user = "signwatch";
    std::string password_file;
    bool tls = true;      ///< the server's certificate and name are verified
    std::string ca_file;  ///< empty: the system's authorities
    std::string certificate_file;
    std::string key_file;
    int readers = 2;

    bool operator==(const PostgresSettings&) const = default;
};

/// Reads the section and reports what is wrong with it; the result is only used when nothing is.
PostgresSettings read_postgres(Section& section);

}  // namespace signwatch::config
