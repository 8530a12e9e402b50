#include "daemon/cli/ready_probe.hpp"

#include <memory>

#include <curl/curl.h>

namespace signwatch::cli {
namespace {

constexpr std::size_t longest_body = 64 * 1024;
constexpr long patience_ms = 2'000;

std::size_t append(const char* bytes, std::size_t size, std::size_t count, void* target) {
    auto& body = *static_cast<std::string*>(target);
    const std::size_t length = size * count;
    if (body.size() + length > longest_body) return 0;
    body.append(bytes, length);
    return length;
}

std::string url_of(const config::Endpoint& address) {
    return "http://" + (address.is_unix() ? "signwatch" : address.text()) + "/readyz?verbose";
}

}  // namespace

std::optional<ReadyAnswer> ask_ready(const config::Endpoint& address) {
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(), &curl_easy_cleanup);
    if (!curl) return std::nullopt;
    ReadyAnswer answer;
    curl_easy_setopt(curl.get(), CURLOPT_URL, url_of(address).c_str());
    if (address.is_unix()) curl_easy_setopt(curl.get(), CURLOPT_UNIX_SOCKET_PATH, address.unix_path.c_str());
    curl_easy_setopt(curl.get(), CURLOPT_PROXY, "");
    curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, patience_ms);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, &append);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer.body);
    if (curl_easy_perform(curl.get()) != CURLE_OK) return std::nullopt;
    long status = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    return answer;
}

}  // namespace signwatch::cli
