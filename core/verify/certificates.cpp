#include "core/verify/certificates.hpp"

#include <algorithm>
#include <map>
#include <string>

#include <climits>

namespace signwatch::verify {
namespace {

constexpr std::size_t most_remembered = 64;
constexpr std::size_t largest_remembered = 8 * 1024;

CertificateHandle decoded(std::string_view der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    return CertificateHandle(d2i_X509(nullptr, &at, static_cast<long>(std::min<std::size_t>(der.size(), LONG_MAX))));
}

CertificateHandle shared(const CertificateHandle& certificate) {
    if (certificate) X509_up_ref(certificate.get());
    return CertificateHandle(certificate.get());
}

}  // namespace

CertificateHandle certificate_from(std::string_view der) {
    if (der.size() > largest_remembered) return decoded(der);
    thread_local std::map<std::string, CertificateHandle, std::less<>> remembered;
    const auto known = remembered.find(der);
    if (known != remembered.end()) return shared(known->second);
    CertificateHandle certificate = decoded(der);
    if (!certificate) return certificate;
    if (remembered.size() >= most_remembered) remembered.clear();
    remembered.emplace(der, shared(certificate));
    return certificate;
}

}  // namespace signwatch::verify
