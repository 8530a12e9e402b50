#include "core/http/exchange.hpp"

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>

#include "core/http/curl_error.hpp"

namespace signwatch::http {

namespace {

[[noreturn]] void refuse(const char* what) {
    throw Error(ErrorKind::permanent, "http_request", what);
}

bool is_token(std::string_view text) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || others.find(c) != std::string_view::npos;
    });
}

bool is_field_value(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7f;
    });
}

void append(HeaderList& list, const std::string& line) {
    curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) throw std::bad_alloc();
    list.release();
    list.reset(longer);
}

/// libcurl repeats a request by itself when a kept connection turns out to be closed. Whether a call may be repeated is
/// for the scheduler to decide, so the second connection of an exchange is refused.
int on_connection(void* count, char*, char*, int, int) {
    return ++*static_cast<int*>(count) > 1 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

}  // namespace

Exchange::Exchange(const boost::asio::any_io_executor& loop,
                   HttpRequest request,
                   UrlHandle url,
                   DocumentSink* sink,
                   const Limits& limits)
    : request_(std::move(request)), url_(std::move(url)), receiver_(limits, request_.max_body, sink), changed_(loop) {
    if (!is_token(request_.method)) refuse("the method of a request is not a token");
    prepare_headers();
}

void Exchange::prepare_headers() {
    // What libcurl would add by itself: a wait for "100 Continue", and a type for bodies.
    append(headers_, "Expect:");
    if (request_.body.empty()) append(headers_, "Content-Type:");
    for (const HttpHeader& header : request_.headers) {
        if (!is_token(header.name) || !is_field_value(header.value)) refuse("a header of a request is not well-formed");
        append(headers_, header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
    }
}

void Exchange::prepare(CURL* easy) {
    receiver_.attach(easy);
    set_option(easy, CURLOPT_CURLU, url_.get());
    set_option(easy, CURLOPT_HTTPHEADER, headers_.get());
    set_option(easy, CURLOPT_ERRORBUFFER, curl_text_.data());
    set_option(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_timeout.count()));
    set_option(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request_.total_timeout.count()));
    set_option(easy, CURLOPT_LOW_SPEED_LIMIT, static_cast<long>(request_.min_bytes_per_second));
    set_option(easy, CURLOPT_PREREQFUNCTION, &on_connection);
    set_option(easy, CURLOPT_PREREQDATA, &connections_used_);
    prepare_method(easy);
}

void Exchange::prepare_method(CURL* easy) {
    const bool with_body = !request_.body.empty() || request_.method == "POST" || request_.method == "PUT";
    set_option(easy, CURLOPT_HTTPGET, 1L);
    if (request_.method == "HEAD") set_option(easy, CURLOPT_NOBODY, 1L);
    if (with_body) {
        set_option(easy, CURLOPT_POST, 1L);
        set_option(easy, CURLOPT_POSTFIELDS, request_.body.data());
        set_option(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    }
    const char* const usual = with_body ? "POST" : request_.method == "HEAD" ? "HEAD" : "GET";
    set_option(easy, CURLOPT_CUSTOMREQUEST, request_.method == usual ? nullptr : request_.method.c_str());
}

void Exchange::finish(CURL* easy, CURLcode code) {
    if (code == CURLE_OK && receiver_.was_cut()) code = CURLE_PARTIAL_FILE;
    state_ = code == CURLE_OK ? State::answered : State::failed;
    if (state_ == State::failed && !receiver_.failure()) error_ = to_error(code, easy, curl_text_.data());
    set_option(easy, CURLOPT_ERRORBUFFER, nullptr);
    changed_.notify_all();
}

void Exchange::fail(const Error& error) {
    state_ = State::failed;
    error_ = error;
    changed_.notify_all();
}

void Exchange::cancel() {
    state_ = State::cancelled;
    changed_.notify_all();
}

HttpResponse Exchange::conclude() {
    if (receiver_.failure()) std::rethrow_exception(receiver_.failure());
    if (state_ == State::cancelled) throw Error(ErrorKind::cancelled, "cancelled", "the request was cancelled");
    const bool has_answer = receiver_.has_headers() && !receiver_.streams();
    if (state_ == State::failed && !has_answer) throw *error_;
    HttpResponse response = receiver_.take();
    response.complete = state_ == State::answered;
    return response;
}

}  // namespace signwatch::http
