#include "core/http/multi.hpp"

#include <utility>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

namespace signwatch::http {

struct Multi::Watch {
    Watch(const boost::asio::any_io_executor& loop, curl_socket_t of) : descriptor(loop), socket(of) {}
    ~Watch() {
        if (descriptor.is_open()) descriptor.release();
    }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    bool& waiting(int event) { return event == CURL_POLL_IN ? reading : writing; }

    boost::asio::posix::stream_descriptor descriptor;
    curl_socket_t socket;
    int wanted = CURL_POLL_NONE;
    bool reading = false;
    bool writing = false;
    bool dropped = false;
};

Multi::Multi(boost::asio::any_io_executor loop, int kept_connections, Done done)
    : loop_(std::move(loop)),
      done_(std::move(done)),
      timer_(loop_),
      alive_(std::make_shared<const bool>(true)),
      multi_(curl_multi_init()) {
    if (multi_ == nullptr) throw std::bad_alloc();
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Multi::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Multi::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(kept_connections));
    curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
}

Multi::~Multi() {
    curl_multi_cleanup(multi_);
}

void Multi::add(CURL* easy) {
    if (curl_multi_add_handle(multi_, easy) != CURLM_OK) {
        throw Error(ErrorKind::transient, "http_io", "libcurl cannot start a transfer");
    }
}

void Multi::remove(CURL* easy) {
    curl_multi_remove_handle(multi_, easy);
}

int Multi::on_socket(CURL*, curl_socket_t socket, int wanted, void* self, void* known) {
    auto& multi = *static_cast<Multi*>(self);
    if (wanted != CURL_POLL_REMOVE) return multi.watch(socket, wanted, known == nullptr) ? 0 : -1;
    multi.unwatch(socket);
    return 0;
}

int Multi::on_timer(CURLM*, long milliseconds, void* self) {
    static_cast<Multi*>(self)->arm(milliseconds);
    return 0;
}

bool Multi::watch(curl_socket_t socket, int wanted, bool is_new) {
    auto& watch = watches_[socket];
    // libcurl may close a socket without telling us; the same number is then new to libcurl and the old watch is void.
    if (is_new || !watch) {
        if (watch) watch->dropped = true;
        watch.reset();
        auto created = std::make_shared<Watch>(loop_, socket);
        boost::system::error_code error;
        created->descriptor.assign(socket, error);
        if (error) return false;
        watch = std::move(created);
        curl_multi_assign(multi_, socket, watch.get());
    }
    watch->wanted = wanted;
    wait_as_wanted(watch);
    return true;
}

void Multi::unwatch(curl_socket_t socket) {
    const auto found = watches_.find(socket);
    if (found == watches_.end()) return;
    const auto watch = std::move(found->second);
    watches_.erase(found);
    if (!watch) return;
    watch->dropped = true;
    watch->descriptor.release();
}

void Multi::wait_as_wanted(const std::shared_ptr<Watch>& watch) {
    for (const int event : {CURL_POLL_IN, CURL_POLL_OUT}) {
        if ((watch->wanted & event) != 0 && !watch->waiting(event)) wait(watch, event);
    }
}

void Multi::wait(const std::shared_ptr<Watch>& watch, int event) {
    using boost::asio::posix::descriptor_base;
    watch->waiting(event) = true;
    const auto kind = event == CURL_POLL_IN ? descriptor_base::wait_read : descriptor_base::wait_write;
    auto ready = [this, event, weak = std::weak_ptr(watch)](const boost::system::error_code& error) {
        const auto held = weak.lock();
        if (!held || held->dropped) return;
        held->waiting(event) = false;
        if ((held->wanted & event) == 0) return;
        const int seen = event == CURL_POLL_IN ? CURL_CSELECT_IN : CURL_CSELECT_OUT;
        act(held->socket, error ? CURL_CSELECT_ERR : seen);
        if (!held->dropped && !error) wait_as_wanted(held);
    };
    watch->descriptor.async_wait(kind, std::move(ready));
}

void Multi::arm(long milliseconds) {
    const auto now = std::chrono::steady_clock::now();
    deadline_ = milliseconds < 0 ? never : now + std::chrono::milliseconds(milliseconds);
    if (milliseconds == 0) {
        auto due = [this, weak = std::weak_ptr(alive_)] {
            if (!weak.expired()) deadline_reached();
        };
        boost::asio::post(loop_, std::move(due));
        return;
    }
    wait_for_deadline();
}

// libcurl moves its deadline back with each request: a timer that fires too early costs less than one that is set each
// time.
void Multi::wait_for_deadline() {
    if (deadline_ >= armed_) return;
    armed_ = deadline_;
    timer_.expires_at(armed_);
    timer_.async_wait([this, weak = std::weak_ptr(alive_)](const boost::system::error_code& error) {
        if (error || weak.expired()) return;
        armed_ = never;
        deadline_reached();
    });
}

void Multi::deadline_reached() {
    if (deadline_ > std::chrono::steady_clock::now()) return wait_for_deadline();
    deadline_ = never;
    act(CURL_SOCKET_TIMEOUT, 0);
}

void Multi::act(curl_socket_t socket, int events) {
    int running = 0;
    curl_multi_socket_action(multi_, socket, events, &running);
    report_finished();
}

void Multi::report_finished() {
    int queued = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &queued)) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL* const easy = message->easy_handle;
        const CURLcode code = message->data.result;
        curl_multi_remove_handle(multi_, easy);
        done_(easy, code);
    }
}

}  // namespace signwatch::http
