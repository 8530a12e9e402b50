#include "tests/simulator/key_material.hpp"

#include <fstream>
#include <stdexcept>
#include <string_view>

#include "tests/fakes/test_pki.hpp"

namespace signwatch::simulator {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view password = "simulator";

fs::path write_file(const fs::path& path, std::string_view content, fs::perms mode) {
    fs::remove(path);
    std::ofstream file(path, std::ios::binary);
    fs::permissions(path, mode);
    file << content;
    if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
    return path;
}

fs::path write_public(const fs::path& path, std::string_view content) {
    using enum fs::perms;
    return write_file(path, content, owner_read | owner_write | group_read | others_read);
}

fs::path write_secret(const fs::path& path, std::string_view content) {
    return write_file(path, content, fs::perms::owner_read | fs::perms::owner_write);
}

testing::Subject organisation(const std::string& name, const std::string& number, bool rsa) {
    testing::Subject subject;
    subject.common_name = name;
    subject.organisation_identifier = "NTRNO-" + number;
    subject.serial_number = number;
    subject.valid_to = std::chrono::hours{24 * 30};
    subject.rsa = rsa;
    return subject;
}

}  // namespace

KeyMaterial write_key_material(const fs::path& directory, const KeyOptions& options) {
    fs::create_directories(directory);
    const testing::TestAuthority authority("Simulated enterprise certificate authority");
    const auto server = authority.issue(organisation("POSTEN BRING AS", options.server_organisation, options.rsa));
    const auto client = authority.issue(organisation("KUNDEN AS", options.client_organisation, options.rsa));
    return {.authority = write_public(directory / "ca.pem", authority.certificate_pem()),
            .server = write_public(directory / "server.pem", server.certificate_pem),
            .server_key = write_secret(directory / "server.key", server.key_pem),
            .client = write_public(directory / "client.pem", client.certificate_pem),
            .client_key = write_secret(directory / "client.key", client.key_pem),
            .client_pkcs12 = write_secret(directory / "client.p12", to_pkcs12(client, std::string{password})),
            .pkcs12_password = write_secret(directory / "client.p12.password", password)};
}

}  // namespace signwatch::simulator
