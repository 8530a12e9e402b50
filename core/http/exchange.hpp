#pragma once

#include <array>
#include <optional>

#include <boost/asio/any_io_executor.hpp>

#include "core/http/curl_handles.hpp"
#include "core/http/receiver.hpp"
#include "core/runtime/condition.hpp"

namespace signwatch::http {

/// One request and what came back: owns everything that libcurl points to during the transfer. Lives in the frame of
/// the coroutine that waits for it.
class Exchange {
public:
    /// `url` is the guarded URL of the request. Error(permanent, "http_request") if method or headers are not
    /// well-formed.
    Exchange(const boost::asio::any_io_executor& loop,
             HttpRequest request,
             UrlHandle url,
             DocumentSink* sink,
             const Limits& limits);

    /// Sets all options of this request on a handle that has those of its client.
    void prepare(CURL* easy);

    /// The transfer on `easy` has ended.
    void finish(CURL* easy, CURLcode code);
    /// The transfer could not begin.
    void fail(const Error& error);
    void cancel();

    bool finished() const { return state_ != State::pending; }
    Task<void> changed() { return changed_.wait(); }

    /// The answer, or the Error that the transfer ended with. Once, when finished.
    HttpResponse conclude();

private:
    enum class State { pending, answered, failed, cancelled };

    void prepare_method(CURL* easy);
    void prepare_headers();

    HttpRequest request_;
    UrlHandle url_;
    HeaderList headers_;
    Receiver receiver_;
    runtime::Condition changed_;
    State state_ = State::pending;
    std::optional<Error> error_;
    int connections_used_ = 0;
    std::array<char, CURL_ERROR_SIZE> curl_text_{};
};

}  // namespace signwatch::http
