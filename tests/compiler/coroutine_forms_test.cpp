// The forms that the coroutine rules allow, as the house uses them; built with AddressSanitizer by whatever compiler
// builds signwatch.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "core/runtime/offload.hpp"
#include "core/runtime/task_group.hpp"

namespace signwatch {
namespace {

const std::string long_text = "a text that is too long for the small string buffer";

struct Request {
    std::string url;
    std::vector<std::string> headers;
};

struct Reply {
    std::string body;
    std::optional<std::string> note;
};

class Port {
public:
    virtual ~Port() = default;
    virtual Task<Reply> send(Request request) = 0;
    virtual Task<bool> ready() = 0;
};

class OffloadingPort : public Port {
public:
    explicit OffloadingPort(runtime::BlockingPool& pool) : pool_(pool) {}

    Task<Reply> send(Request request) override {
        auto work = [request = std::move(request)] { return Reply{request.url, request.headers.at(0)}; };
        return runtime::offload(pool_, std::move(work));
    }

    Task<bool> ready() override {
        return runtime::offload(pool_, [text = long_text] { return !text.empty(); });
    }

private:
    runtime::BlockingPool& pool_;
};

Request make_request(const std::string& url) {
    return Request{url, {url}};
}

Task<int> named_answer_then_branch(Port& port) {
    const bool ready = co_await port.ready();
    if (ready) co_return 1;
    co_return 0;
}

Task<int> loop_on_named_answer(Port& port) {
    int turns = 0;
    bool go_on = true;
    while (go_on) {
        const bool ready = co_await port.ready();
        go_on = ready && ++turns < 3;
    }
    co_return turns;
}

Task<std::size_t> aggregate_named_first(Port& port) {
    Request request;
    request.url = long_text;
    request.headers = {long_text, long_text};
    const Reply reply = co_await port.send(std::move(request));
    co_return reply.body.size() + reply.note.value_or("").size();
}

Task<std::size_t> aggregate_from_factory(Port& port) {
    const Reply reply = co_await port.send(make_request(long_text));
    co_return reply.body.size();
}

Task<Reply> passed_on(Port& port, std::string url) {
    Request request = make_request(url);
    co_return co_await port.send(std::move(request));
}

Task<int> work_named_first(runtime::BlockingPool& pool, std::unique_ptr<int> number) {
    auto work = [number = std::move(number)] { return *number; };
    co_return co_await runtime::offload(pool, std::move(work));
}

Task<std::string> failure_recorded_then_awaited(runtime::BlockingPool& pool, Port& port) {
    std::string failure;
    auto work = []() -> int { throw std::runtime_error(long_text); };
    try {
        co_await runtime::offload(pool, work);
    } catch (const std::runtime_error& error) {
        failure = error.what();
    }
    const Reply reply = co_await passed_on(port, failure);
    co_return reply.body;
}

template <typename T>
Task<void> keep(Task<T> task, std::optional<T>& result) {
    result = co_await std::move(task);
}

struct CoroutineForms : testing::Test {
    boost::asio::io_context loop{1};
    runtime::BlockingPool pool{2};
    OffloadingPort port{pool};
    runtime::TaskGroup tasks{loop.get_executor(), [](const std::string& name, const std::string& what) {
                                 ADD_FAILURE() << name << ": " << what;
                             }};

    template <typename T>
    T result_of(Task<T> task) {
        std::optional<T> result;
        tasks.spawn("form", keep(std::move(task), result));
        loop.restart();
        loop.run();
        return result.value();
    }
};

TEST_F(CoroutineForms, a_named_answer_takes_the_right_branch) {
    EXPECT_EQ(result_of(named_answer_then_branch(port)), 1);
    EXPECT_EQ(result_of(loop_on_named_answer(port)), 3);
}

TEST_F(CoroutineForms, aggregates_arrive_whole_and_are_freed_once) {
    EXPECT_EQ(result_of(aggregate_named_first(port)), 2 * long_text.size());
    EXPECT_EQ(result_of(aggregate_from_factory(port)), long_text.size());
    EXPECT_EQ(result_of(passed_on(port, long_text)).body, long_text);
}

TEST_F(CoroutineForms, captures_arrive_whole_and_are_freed_once) {
    EXPECT_EQ(result_of(work_named_first(pool, std::make_unique<int>(7))), 7);
}

TEST_F(CoroutineForms, a_failure_is_recorded_and_awaited_upon_outside_the_handler) {
    EXPECT_EQ(result_of(failure_recorded_then_awaited(pool, port)), long_text);
}

}  // namespace
}  // namespace signwatch
