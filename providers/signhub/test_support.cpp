#include "providers/signhub/test_support.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"

namespace signwatch::signhub::testing {
namespace {

const std::filesystem::path source_dir = SIGNWATCH_SOURCE_DIR;

}  // namespace

std::string read_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path.filename().string());
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string fixture(const std::string& name) {
    return read_text(source_dir / "providers/signhub/fixtures" / name);
}

std::vector<std::filesystem::path> samples(const std::string& prefix) {
    const auto directory = source_dir.parent_path() / "shared/provider-data/signhub";
    std::vector<std::filesystem::path> files;
    if (!std::filesystem::exists(directory)) {
        std::cout << "the samples of the protocol notes are not at hand\n";
        return files;
    }
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().filename().string().starts_with(prefix)) files.push_back(entry.path());
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

ReadingRules rules() {
    ReadingRules rules;
    rules.account = "acme";
    return rules;
}

Watch watch(const std::string& flow) {
    Watch watch;
    watch.id = 5;
    watch.key = {"acme", WatchKind::process, flow};
    watch.since = *parse_iso8601("2026-03-04T10:00:00Z");
    return watch;
}

HttpResponse response(int status, std::string body, std::vector<HttpHeader> headers) {
    HttpResponse response;
    response.status = status;
    response.body = std::move(body);
    response.headers = std::move(headers);
    return response;
}

std::string status_body(const std::string& flow_status, const std::string& item_status, const std::string& item) {
    return R"({"result":{"flowId":7001,"status":)" + flow_status +
           R"(,"flowItems":[{"id":41001,"orderNo":1,"status":)" + item_status + item + R"(}]},"error":null})";
}

}  // namespace signwatch::signhub::testing
