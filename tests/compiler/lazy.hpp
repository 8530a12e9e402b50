#pragma once

#include <coroutine>
#include <exception>
#include <utility>

namespace signwatch::canary {

/// The smallest coroutine type that can await another of its kind: no library between the compiler and the language.
template <typename T>
class [[nodiscard]] Lazy {
public:
    struct promise_type;
    using Handle = std::coroutine_handle<promise_type>;

    struct ResumeWaiter {
        bool await_ready() noexcept { return false; }
        std::coroutine_handle<> await_suspend(Handle handle) noexcept { return handle.promise().waiter; }
        void await_resume() noexcept {}
    };

    struct promise_type {
        T value{};
        std::coroutine_handle<> waiter = std::noop_coroutine();

        Lazy get_return_object() { return Lazy{Handle::from_promise(*this)}; }
        std::suspend_always initial_suspend() noexcept { return {}; }
        ResumeWaiter final_suspend() noexcept { return {}; }
        void return_value(T result) { value = std::move(result); }
        void unhandled_exception() { std::terminate(); }
    };

    explicit Lazy(Handle handle) : handle_(handle) {}
    Lazy(Lazy&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    ~Lazy() {
        if (handle_) handle_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) noexcept {
        handle_.promise().waiter = waiter;
        return handle_;
    }
    T await_resume() { return std::move(handle_.promise().value); }

    /// Runs it to its end, for whoever is not a coroutine.
    T run() {
        handle_.resume();
        return await_resume();
    }

private:
    Handle handle_;
};

}  // namespace signwatch::canary
