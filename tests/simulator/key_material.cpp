#include "tests/simulator/key_material.hpp"

#include <fstream>
#include <stdexcept>
#include <string_view>

#include "tests/fakes/test_pki.hpp"

namespace signwatch::simulator {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view password = "simulator";

void write_file(const fs::path& path, std::string_view content, fs::perms mode) {
    fs::remove(path);
    std::ofstream file(path, std::ios::binary);
    fs::permissions(path, mode);
    file << content;
    if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

void write_public(const fs::path& path, std::string_view content) {
    using enum fs::perms;
    write_file(path, content, owner_read | owner_write | group_read | others_read);
}

testing::Subject organisation(const std::string& name, const std::string& number, bool rsa) {
    testing::Subject subject;
    subject.common_name = name;
    subject.organisation_identifier = "NTRNO-" + number;
    subject.serial_number = number;
    subject.valid_to = std::chrono::hours{24 * 365};
    subject.rsa = rsa;
    return subject;
}

KeyMaterial files_in(const fs::path& directory) {
    return {.authority = directory / "ca.pem",
            .server = directory / "server.pem",
            .server_key = directory / "server.key",
            .client = directory / "client.pem",
            .client_key = directory / "client.key",
            .client_pkcs12 = directory / "client.p12",
            .pkcs12_password = directory / "client.p12.password"};
}

}  // namespace

void write_secret(const fs::path& path, std::string_view content) {
    write_file(path, content, fs::perms::owner_read | fs::perms::owner_write);
}

KeyMaterial write_key_material(const fs::path& directory, const KeyOptions& options) {
    fs::create_directories(directory);
    // Written last: a simulator that is started again in its directory is the same provider as before.
    const KeyMaterial files = files_in(directory);
    if (fs::exists(files.pkcs12_password)) return files;
    const testing::TestAuthority authority("Simulated enterprise certificate authority");
    testing::Subject server_subject = organisation("POSTEN BRING AS", options.server_organisation, options.rsa);
    if (options.names_host) {
        server_subject.ip_addresses = {"127.0.0.1"};
        server_subject.dns_names = {"localhost"};
    }
    const auto server = authority.issue(server_subject);
    const auto client = authority.issue(organisation("KUNDEN AS", options.client_organisation, options.rsa));
    write_public(files.authority, authority.certificate_pem());
    write_public(files.server, server.certificate_pem);
    write_secret(files.server_key, server.key_pem);
    write_public(files.client, client.certificate_pem);
    write_secret(files.client_key, client.key_pem);
    write_secret(files.client_pkcs12, to_pkcs12(client, std::string{password}));
    write_secret(files.pkcs12_password, password);
    return files;
}

}  // namespace signwatch::simulator
