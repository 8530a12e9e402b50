#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>

#include <curl/curl.h>

#include "core/http/limits.hpp"
#include "core/ports/http.hpp"

namespace signwatch::http {

/// Takes an answer from libcurl piece by piece and counts for itself: what the peer announces is not trusted. What it
/// refuses ends the transfer and is kept as failure().
class Receiver {
public:
    /// With a `sink`, the body of a 200 or 201 goes there and of other bodies only the first part is kept; without, all
    /// is kept.
    Receiver(const Limits& limits, std::uint64_t max_body, DocumentSink* sink);
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    /// Directs the callbacks of `easy` to this object.
    void attach(CURL* easy);

    bool has_headers() const { return stage_ != Stage::headers; }
    bool streams() const { return sink_ != nullptr && (response_.status == 200 || response_.status == 201); }
    /// What libcurl takes for complete was not: the connection ended within the headers, or it ended a body of unknown
    /// length without TLS saying so.
    bool was_cut() const;
    /// We stopped reading because enough of an error's body was kept.
    bool has_enough() const { return has_enough_; }
    std::exception_ptr failure() const { return failure_; }

    HttpResponse take() { return std::move(response_); }

private:
    enum class Stage { headers, body };

    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
    void header_line(std::string_view line);
    void header_field(std::string_view line);
    void body_part(std::string_view part);
    void body_starts();

    CURL* easy_ = nullptr;
    bool ends_with_connection_ = false;  ///< the body has no length of its own
    std::shared_ptr<const bool> goodbye_;
    const Limits& limits_;
    const std::uint64_t max_body_;
    DocumentSink* const sink_;
    HttpResponse response_;
    std::exception_ptr failure_;
    Stage stage_ = Stage::headers;
    bool has_enough_ = false;
    std::size_t header_count_ = 0;
    std::size_t header_bytes_ = 0;
    std::uint64_t body_bytes_ = 0;
};

}  // namespace signwatch::http
