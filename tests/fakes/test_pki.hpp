#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace signwatch::testing {

struct KeyPair {
    std::string certificate_pem;  ///< the leaf alone
    std::string key_pem;          ///< unencrypted PKCS#8
};

/// What a test certificate says. Empty members are left out of the certificate.
struct Subject {
    std::string common_name;
    std::string organisation_identifier;  ///< OID 2.5.4.97, e.g. "NTRNO-984661185"
    std::string serial_number;            ///< subject attribute serialNumber
    std::vector<std::string> dns_names;
    std::vector<std::string> ip_addresses;
    std::chrono::hours valid_from{-1};  ///< relative to now
    std::chrono::hours valid_to{24};
    bool rsa = false;  ///< RSA 2048 instead of P-256
};

/// A certificate authority that lives for one test. Thread-compatible.
class TestAuthority {
public:
    explicit TestAuthority(const std::string& common_name);
    ~TestAuthority();
    TestAuthority(const TestAuthority&) = delete;
    TestAuthority& operator=(const TestAuthority&) = delete;

    const std::string& certificate_pem() const;
    KeyPair issue(const Subject& subject) const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// A PKCS#12 file with the pair, encrypted with modern ciphers.
std::string to_pkcs12(const KeyPair& pair, const std::string& password);

/// The key as an encrypted PKCS#8 PEM.
std::string encrypt_key(const std::string& key_pem, const std::string& password);

}  // namespace signwatch::testing
