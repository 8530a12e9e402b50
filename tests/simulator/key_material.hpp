#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace signwatch::simulator {

/// The certificates of one simulator, as files in its directory.
struct KeyMaterial {
    std::filesystem::path authority;        ///< ca.pem: issued the server's and the client's certificate
    std::filesystem::path server;           ///< server.pem
    std::filesystem::path server_key;       ///< server.key
    std::filesystem::path client;           ///< client.pem
    std::filesystem::path client_key;       ///< client.key
    std::filesystem::path client_pkcs12;    ///< client.p12
    std::filesystem::path pkcs12_password;  ///< client.p12.password
};

struct KeyOptions {
    std::string client_organisation = "123456789";
    std::string server_organisation = "984661185";  ///< the number a client of Posten insists on
    bool rsa = false;                               ///< RSA 2048 instead of P-256
    bool names_host = false;                        ///< the server's certificate is for 127.0.0.1 and localhost
};

/// Makes a new authority and what it issues, and writes the files (keys, PKCS#12 and password with mode 0600). As with
/// Posten, the server's certificate names an organisation and no host unless it is asked to.
KeyMaterial write_key_material(const std::filesystem::path& directory, const KeyOptions& options);

/// Writes a file that only its owner may read. Throws std::runtime_error.
void write_secret(const std::filesystem::path& path, std::string_view content);

}  // namespace signwatch::simulator
