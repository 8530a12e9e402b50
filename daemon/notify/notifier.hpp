#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace signwatch::notify {

/// Tells the service manager how we are, by the sd_notify protocol (sd_notify(3)): datagrams to the socket in
/// NOTIFY_SOCKET. Without such a socket every call does nothing. Never blocks and never throws: a message that cannot
/// be sent is lost, and the call gives false. Any thread.
class Notifier {
public:
    /// `address`: a path, or "@name" for an abstract socket; empty: nobody listens.
    explicit Notifier(std::string_view address);
    ~Notifier();
    Notifier(Notifier&& other) noexcept;
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    /// Reads NOTIFY_SOCKET and removes it from the environment, so that child processes do not speak for us. Call once,
    /// at start.
    static Notifier from_environment();

    bool active() const { return descriptor_ >= 0; }

    /// We are up, or a reload has ended.
    bool ready(std::string_view status);
    /// One line for `systemctl status`; line breaks become spaces.
    bool status(std::string_view text);
    /// A reload begins; `ready` must follow.
    bool reloading();
    bool stopping(std::string_view status);
    bool ping();
    /// Start, reload or stop needs this much time from now on.
    bool extend_timeout(std::chrono::microseconds time);

private:
    bool send(const std::string& message) const;

    std::string address_;
    int descriptor_ = -1;
};

}  // namespace signwatch::notify
