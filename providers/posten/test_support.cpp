#include "providers/posten/test_support.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"

namespace signwatch::posten::testing {
namespace {

const std::filesystem::path source_dir = SIGNWATCH_SOURCE_DIR;

constexpr const char* base = "https://localhost:8443/api/123456789/portal/signature-jobs/7";

}  // namespace

std::string read_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.filename().string());
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string fixture(const std::string& name) {
    return read_text(source_dir / "providers/posten/fixtures" / name);
}

std::vector<std::filesystem::path> upstream_examples() {
    const auto directory = source_dir.parent_path() / "shared/provider-data/posten/examples";
    std::vector<std::filesystem::path> files;
    if (!std::filesystem::exists(directory)) {
        std::cout << "the provider's published examples are not at hand\n";
        return files;
    }
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        if (entry.path().extension() == ".xml") files.push_back(entry.path());
    }
    std::ranges::sort(files);
    return files;
}

Pseudonymise pseudonymise() {
    return [](const Sensitive& identity) {
        const auto hash = crypto::hmac_sha256("the key of this test", identity.reveal());
        return crypto::to_base32(hash).substr(0, 26);
    };
}

Settings settings() {
    Settings settings;
    settings.environment = Environment::custom;
    settings.root_url = "https://localhost:8443/api";
    settings.organisation = "123456789";
    settings.tls.origin = "https://localhost:8443";
    settings.queues = {{Flow::portal, ""}};
    settings.max_document_size = 100 << 20;
    settings.account_terms.account = "acme";
    return settings;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

std::string portal_body(const std::string& job_status, const std::string& signer_status, const std::string& urls) {
    return "<portal-signature-job-status-change-response xmlns=\"http://signering.posten.no/schema/v1\">"
           "<signature-job-id>7</signature-job-id><status>" +
           job_status + "</status><confirmation-url>" + base +
           "/complete</confirmation-url><signatures><signature><status since=\"2026-03-04T11:00:00+01:00\">" +
           signer_status +
           "</status><personal-identification-number>01010100001</personal-identification-number>"
           "<xades-url>" +
           base + "/xades/1</xades-url></signature>" + urls + "<pades-url>" + base +
           "/pades</pades-url></signatures>"
           "</portal-signature-job-status-change-response>";
}

std::string direct_body(const std::string& job_status, const std::string& signer_status, const std::string& urls) {
    return "<direct-signature-job-status-response xmlns=\"http://signering.posten.no/schema/v1\">"
           "<signature-job-id>7</signature-job-id><signature-job-status>" +
           job_status + "</signature-job-status><status signer=\"01010100001\" since=\"2026-03-04T11:00:00+01:00\">" +
           signer_status + "</status><confirmation-url>" + base +
           "/complete</confirmation-url><xades-url signer=\"01010100001\">" + base + "/xades/1</xades-url>" + urls +
           "<pades-url>" + base +
           "/pades</pades-url>"
           "</direct-signature-job-status-response>";
}

}  // namespace signwatch::posten::testing
