#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace signwatch::redis {

/// Where one server listens.
struct Address {
    std::string host = "127.0.0.1";
    int port = 6379;
    std::string unix_socket;  ///< a path; if set, host, port and TLS do not count

    bool operator==(const Address&) const = default;
};

/// How a server is spoken to. Files are read again at each connect, so that passwords and certificates can be renewed
/// while we run.
struct Access {
    bool tls = false;              ///< the server's certificate and name are always checked
    std::string ca_file;           ///< PEM; empty: the system's authorities
    std::string certificate_file;  ///< PEM chain of our own; empty: none
    std::string key_file;          ///< PEM
    std::string server_name;       ///< the name in the server's certificate; empty: the host of its address

    std::string username;  ///< empty: the user "default"
    std::string password_file;

    std::chrono::milliseconds connect_timeout = std::chrono::seconds{5};  ///< name, socket and TLS
    std::chrono::milliseconds reply_timeout = std::chrono::seconds{5};    ///< from sending to the last reply
};

/// Redis Sentinels that watch over the master.
struct Sentinels {
    std::vector<Address> addresses;  ///< asked in turn; empty: there are none
    std::string master;              ///< its name, as in `sentinel monitor NAME ...`
    Access access;
};

/// Where the streams are. Several addresses, or Sentinels: they are at the one server that says it is a master. In a
/// cluster `addresses` are nodes to begin with, and each stream is where they lead.
struct RedisSettings {
    std::vector<Address> addresses{Address{}};  ///< do not count where there are Sentinels
    Access access;
    Sentinels sentinels;
    bool cluster = false;
    int database = 0;  ///< 0 in a cluster
    std::string stream = "signwatch:events";
    int partitions = 1;  ///< how many streams are named after it

    bool fails_over() const { return !cluster && (addresses.size() > 1 || !sentinels.addresses.empty()); }
};

/// Told at each change, and after the first attempt; `reason` is an error code ("redis_timeout"), empty if connected.
using StateListener = std::function<void(bool connected, const std::string& reason)>;

}  // namespace signwatch::redis
