#include "core/state/postgres/server.hpp"

#include <array>
#include <fstream>
#include <utility>

#include "core/domain/error.hpp"

namespace signwatch::postgres {
namespace {

constexpr std::size_t longest_password = 4096;

// What a session may take: a statement half a minute, a lock five seconds; and a session whose process was stopped in
// the middle of a transaction gives its locks back before its lease ends.
constexpr const char* session_options =
    "-c statement_timeout=30000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=5000"
    " -c default_transaction_isolation=read\\ committed -c client_encoding=UTF8 -c DateStyle=ISO -c bytea_output=hex";

std::string read_password(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(longest_password + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    if (text.empty() || text.size() > longest_password) {
        throw Error(
            ErrorKind::unauthorized, "store_credential", "the file with the database's password cannot be read");
    }
    return text;
}

void append(std::string& into, const char* key, const std::string& value) {
    if (value.empty()) return;
    into += std::string(into.empty() ? "" : " ") + key + "='";
    for (const char c : value) {
        if (c == '\'' || c == '\\') into += '\\';
        into += c;
    }
    into += '\'';
}

}  // namespace

std::string connection_string(const Server& server) {
    std::string text;
    append(text, "host", server.host);
    append(text, "port", std::to_string(server.port));
    append(text, "dbname", server.database);
    append(text, "user", server.user);
    if (!server.password_file.empty()) append(text, "password", read_password(server.password_file));
    const bool tls = server.tls && !server.host.starts_with('/');
    append(text, "sslmode", tls ? "verify-full" : "disable");
    if (tls) {
        append(text, "sslrootcert", server.ca_file.empty() ? "/etc/ssl/certs/ca-certificates.crt" : server.ca_file);
        append(text, "sslcert", server.certificate_file);
        append(text, "sslkey", server.key_file);
        append(text, "ssl_min_protocol_version", "TLSv1.2");
    }
    append(text, "gssencmode", "disable");
    append(text, "application_name", "signwatch");
    append(text, "target_session_attrs", "read-write");
    append(text, "connect_timeout", "5");
    append(text, "keepalives_idle", "5");
    append(text, "keepalives_interval", "3");
    append(text, "keepalives_count", "3");
    append(text, "tcp_user_timeout", "15000");
    append(text, "options", session_options);
    return text;
}

}  // namespace signwatch::postgres
