#include "providers/signhub/requests.hpp"

#include <algorithm>
#include <unistd.h>

#include "core/crypto/digest.hpp"
#include "core/domain/error.hpp"

namespace signwatch::signhub {
namespace {

using namespace std::chrono_literals;

constexpr const char* zero_session = "00000000-0000-0000-0000-000000000000";
constexpr std::uint64_t largest_report = 4ULL << 20;
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

std::string random_word(std::size_t length) {
    constexpr std::size_t fair = 256 / alphabet.size() * alphabet.size();
    std::string word;
    while (word.size() < length) {
        for (const char byte : crypto::random_bytes(2 * length)) {
            const auto value = static_cast<unsigned char>(byte);
            if (value < fair && word.size() < length) word += alphabet[value % alphabet.size()];
        }
    }
    return word;
}

// A megabyte per second or five minutes, whichever is longer, plus what the first byte may take.
milliseconds patience_for(std::uint64_t size) {
    return std::max<milliseconds>(5min, std::chrono::seconds{size >> 20}) + 1min;
}

}  // namespace

std::string request_id() {
    return random_word(21);
}

HttpRequest status_request(const std::string& root_url, const std::string& language, const std::string& flow) {
    HttpRequest request;
    request.method = "POST";
    request.url = Sensitive{root_url + "/flow/ApiGetFlowStatus"};
    request.headers.push_back({"Accept", "application/json"});
    request.headers.push_back({"Content-Type", "application/json"});
    request.body = std::string(R"({"loginSessionId":")") + zero_session + R"(","requestId":")" + request_id() +
                   R"(","displayLanguage":")" + language + R"(","flowId":)" + flow + "}";
    request.total_timeout = 30s;
    return request;
}

HttpRequest download_request(const std::string& root_url, const std::string& flow, std::uint64_t max_size) {
    HttpRequest request;
    request.url = Sensitive{root_url + "/flow/ApiDownloadSignedPdf?requestId=" + request_id() +
                            "&loginSessionId=" + zero_session + "&flowId=" + flow};
    request.headers.push_back({"Accept", "application/pdf, application/octet-stream"});
    request.connect_timeout = 10s;
    request.total_timeout = patience_for(max_size);
    request.max_body = max_size;
    return request;
}

HttpRequest verification_request(const std::string& root_url, std::string_view document) {
    const std::string boundary = "signwatch-" + random_word(32);
    HttpRequest request;
    request.method = "POST";
    request.url = Sensitive{root_url + "/verification/ApiVerifySignaturesPades"};
    request.headers.push_back({"Accept", "application/json"});
    request.headers.push_back({"Content-Type", "multipart/form-data; boundary=" + boundary});
    request.body = "--" + boundary +
                   "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"document.pdf\"\r\n"
                   "Content-Type: application/pdf\r\n\r\n";
    request.body += document;
    request.body += "\r\n--" + boundary + "--\r\n";
    request.connect_timeout = 10s;
    request.total_timeout = patience_for(document.size());
    request.max_body = largest_report;
    return request;
}

std::string read_document(int descriptor, std::uint64_t size) {
    std::string bytes(size, '\0');
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t count = ::pread(descriptor, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) throw Error(ErrorKind::transient, "document_read", "the received document cannot be read");
        done += static_cast<std::size_t>(count);
    }
    return bytes;
}

}  // namespace signwatch::signhub
