#include "core/events/redis/connection.hpp"

#include <fstream>
#include <string>
#include <utility>

#include <boost/asio/steady_timer.hpp>

#include "core/domain/error.hpp"
#include "core/domain/sensitive.hpp"
#include "core/events/redis/reply_error.hpp"
#include "core/events/redis/transport.hpp"

namespace signwatch::redis {
namespace {

namespace asio = boost::asio;

/// Closes the transport when the time is up, unless it is gone before. Its handler may run later than its destructor.
class Deadline {
public:
    Deadline(const asio::any_io_executor& loop, std::chrono::milliseconds time, Transport& transport)
        : state_(std::make_shared<State>(State{&transport, false})), timer_(loop, time) {
        timer_.async_wait([state = state_](const boost::system::error_code& stopped) {
            if (stopped || state->transport == nullptr) return;
            state->expired = true;
            state->transport->close();
        });
    }
    ~Deadline() { state_->transport = nullptr; }
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;

    bool expired() const { return state_->expired; }

private:
    struct State {
        Transport* transport;
        bool expired;
    };

    std::shared_ptr<State> state_;
    asio::steady_timer timer_;
};

Error timeout_error(const std::string& step) {
    return {ErrorKind::transient, "redis_timeout", "Redis took too long " + step};
}

Secret read_password(const std::string& path) {
    constexpr std::size_t longest = 4096;
    std::string text(longest, '\0');
    std::ifstream file(path, std::ios::binary);
    file.read(text.data(), static_cast<std::streamsize>(longest));
    if (!file.is_open() || file.bad())
        throw Error(ErrorKind::unauthorized, "redis_auth", "cannot read the file with the password for Redis");
    text.resize(static_cast<std::size_t>(file.gcount()));
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.pop_back();
    return Secret(std::move(text));
}

// What a connection begins with, in one write. Only the replies from `first_required` on must be successes.
struct Introduction {
    std::string commands;
    std::size_t count = 0;
    bool authenticates = false;
    std::size_t first_required = 0;

    explicit Introduction(const Access& access) {
        if (!access.password_file.empty()) authenticate(access);
        add({"CLIENT", "SETNAME", "signwatch"});
        first_required = count;
    }
    void use_database(int database) {
        if (database != 0) add({"SELECT", std::to_string(database)});
        add({"MULTI"});
        add({"EXEC"});
    }

private:
    void authenticate(const Access& access) {
        const Secret password = read_password(access.password_file);
        authenticates = true;
        if (access.username.empty())
            add({"AUTH", password.reveal()});
        else
            add({"AUTH", access.username, password.reveal()});
    }
    void add(std::initializer_list<std::string_view> words) {
        append_command(commands, words);
        ++count;
    }
};

void require_authenticated(const Value& reply) {
    if (!reply.is_error()) return;
    const Error error = error_of(reply.text);
    if (error.kind() == ErrorKind::transient) throw error;
    throw Error(ErrorKind::unauthorized, "redis_auth", "Redis refuses the user name or password");
}

void require_success(const Value& reply) {
    if (reply.is_error()) throw error_of(reply.text);
}

}  // namespace

Connection::Connection(asio::any_io_executor loop, const Access& access) : loop_(std::move(loop)), access_(access) {}

Connection::~Connection() = default;

void Connection::close() noexcept {
    transport_.reset();
    reader_.reset();
}

void Connection::interrupt() noexcept {
    if (transport_) transport_->close();
}

Task<void> Connection::open(Address address, std::optional<int> database) {
    close();
    try {
        co_await connect(std::move(address));
        co_await introduce(database);
    } catch (...) {
        close();
        throw;
    }
}

Task<void> Connection::connect(Address address) {
    transport_ = std::make_unique<Transport>(loop_, address, access_);
    reader_ = std::make_unique<ReplyReader>();
    const Deadline deadline(loop_, access_.connect_timeout, *transport_);
    try {
        co_await transport_->connect();
    } catch (const Error&) {
        if (deadline.expired()) throw timeout_error("to connect");
        throw;
    }
}

Task<void> Connection::introduce(std::optional<int> database) {
    Introduction introduction(access_);
    if (database) introduction.use_database(*database);
    const Secret commands(std::move(introduction.commands));
    const std::string_view bytes = commands.reveal();
    const std::vector<Value> replies = co_await exchange(bytes, introduction.count);
    if (introduction.authenticates) require_authenticated(replies.front());
    for (std::size_t i = introduction.first_required; i < replies.size(); ++i)
        require_success(replies[i]);
}

Task<std::vector<Value>> Connection::exchange(std::string_view commands,
                                              std::size_t count,
                                              std::chrono::milliseconds blocking) {
    std::vector<Value> replies;
    const Deadline deadline(loop_, access_.reply_timeout + blocking, *transport_);
    try {
        co_await transport_->write(commands);
        co_await collect(replies, count);
    } catch (...) {
        const bool expired = deadline.expired();
        close();
        if (expired) throw timeout_error("to answer");
        // The server may have said why before it hung up.
        if (!replies.empty() && replies.back().is_error()) throw error_of(replies.back().text);
        throw;
    }
    co_return replies;
}

Task<void> Connection::collect(std::vector<Value>& replies, std::size_t count) {
    while (replies.size() < count) {
        std::optional<Value> reply = reader_->next();
        if (reply) {
            replies.push_back(std::move(*reply));
        } else {
            const std::string_view bytes = co_await transport_->read();
            reader_->feed(bytes);
        }
    }
}

}  // namespace signwatch::redis
