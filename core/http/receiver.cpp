#include "core/http/receiver.hpp"

#include <algorithm>
#include <charconv>
#include <span>
#include <strings.h>

#include "core/domain/error.hpp"
#include "core/http/curl_handles.hpp"
#include "core/http/tls_goodbye.hpp"

namespace signwatch::http {

namespace {

[[noreturn]] void refuse(const char* code, const char* what) {
    throw Error(ErrorKind::integrity, code, what);
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool same(std::string_view left, std::string_view right) {
    return left.size() == right.size() && ::strncasecmp(left.data(), right.data(), left.size()) == 0;
}

int status_of(std::string_view line) {
    const auto space = line.find(' ');
    int status = 0;
    if (space != std::string_view::npos) std::from_chars(line.data() + space + 1, line.data() + line.size(), status);
    return status;
}

}  // namespace

Receiver::Receiver(const Limits& limits, std::uint64_t max_body, DocumentSink* sink)
    : limits_(limits), max_body_(max_body), sink_(sink) {}

bool Receiver::was_cut() const {
    if (!has_headers()) return true;
    return ends_with_connection_ && !(goodbye_ && *goodbye_);
}

void Receiver::attach(CURL* easy) {
    easy_ = easy;
    set_option(easy, CURLOPT_HEADERFUNCTION, &Receiver::on_header);
    set_option(easy, CURLOPT_HEADERDATA, this);
    set_option(easy, CURLOPT_WRITEFUNCTION, &Receiver::on_body);
    set_option(easy, CURLOPT_WRITEDATA, this);
}

std::size_t Receiver::on_header(char* data, std::size_t size, std::size_t count, void* self) {
    auto& receiver = *static_cast<Receiver*>(self);
    try {
        receiver.header_line({data, size * count});
        return size * count;
    } catch (...) {
        receiver.failure_ = std::current_exception();
        return 0;
    }
}

std::size_t Receiver::on_body(char* data, std::size_t size, std::size_t count, void* self) {
    auto& receiver = *static_cast<Receiver*>(self);
    try {
        receiver.body_part({data, size * count});
        return receiver.has_enough_ ? 0 : size * count;
    } catch (...) {
        receiver.failure_ = std::current_exception();
        return 0;
    }
}

void Receiver::header_line(std::string_view line) {
    header_bytes_ += line.size();
    if (header_bytes_ > limits_.header_bytes) refuse("http_headers", "the headers of the answer are too long");
    if (stage_ == Stage::body) return;
    if (line.starts_with("HTTP/")) {
        response_.status = status_of(line);
        response_.headers.clear();
    } else if (const auto text = trimmed(line); !text.empty()) {
        header_field(text);
    } else if (response_.status >= 200) {
        stage_ = Stage::body;
    }
}

void Receiver::header_field(std::string_view line) {
    if (++header_count_ > limits_.header_count) refuse("http_headers", "the answer has too many headers");
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const auto name = trimmed(line.substr(0, colon));
    const auto value = trimmed(line.substr(colon + 1));
    if (same(name, "Content-Encoding") && !value.empty() && !same(value, "identity")) {
        refuse("http_encoding", "the answer is compressed although we did not ask for it");
    }
    if (same(name, "Transfer-Encoding") && !same(value, "chunked") && !same(value, "identity")) {
        refuse("http_encoding", "the answer is compressed in transfer although we did not ask for it");
    }
    response_.headers.push_back({std::string(name), std::string(value)});
}

void Receiver::body_starts() {
    const auto announced = response_.header("Content-Length");
    ends_with_connection_ = !announced && !response_.header("Transfer-Encoding");
    if (ends_with_connection_) goodbye_ = watch_for_goodbye(easy_);
    std::uint64_t length = 0;
    if (announced) std::from_chars(announced->data(), announced->data() + announced->size(), length);
    if (sink_ == nullptr && length <= max_body_) response_.body.reserve(length);
}

void Receiver::body_part(std::string_view part) {
    if (body_bytes_ == 0) body_starts();
    body_bytes_ += part.size();
    if (streams() || sink_ == nullptr) {
        if (body_bytes_ > max_body_) refuse("body_too_large", "the body of the answer is larger than allowed");
    }
    if (streams()) {
        sink_->write(std::as_bytes(std::span{part}));
        return;
    }
    if (sink_ != nullptr) {
        part = part.substr(0, limits_.kept_error_body - response_.body.size());
        has_enough_ = body_bytes_ > limits_.kept_error_body;
    }
    response_.body.append(part);
}

}  // namespace signwatch::http
