#pragma once

#include <string>
#include <vector>

#include "core/config/endpoint.hpp"
#include "core/config/section.hpp"

namespace signwatch::config {

/// How a Redis or Sentinel is spoken to. Files are read when a connection is made.
struct RedisAccess {
    bool tls = false;
    std::string server_name;  ///< name in the server's certificate; empty: the host of its address
    std::string ca_file;      ///< empty: the system's authorities
    std::string certificate_file;
    std::string key_file;
    std::string username;
    std::string password_file;

    bool operator==(const RedisAccess&) const = default;
};

/// [redis]: where events are published, and where commands come from.
struct RedisSettings {
    std::vector<Endpoint> addresses{{"127.0.0.1", 6379, ""}};  ///< several: one of them is the master
    RedisAccess access;
    std::vector<Endpoint> sentinels;  ///< they know the master, `addresses` do not count; empty: nobody is asked
    std::string sentinel_master;      ///< how they call it
    RedisAccess sentinel_access;
    bool cluster = false;  ///< `addresses` are some nodes of a Redis Cluster
    int database = 0;
    std::string stream = "signwatch:events";
    int partitions = 1;    ///< streams that events are divided among
    std::string commands;  ///< the stream of commands; empty: none are read

    /// In the form in which it is written, for people.
    std::string whereabouts() const;

    bool operator==(const RedisSettings&) const = default;
};

/// Reads the section and reports what is wrong with it; the result is only used when nothing is.
RedisSettings read_redis(Section& section);

}  // namespace signwatch::config
