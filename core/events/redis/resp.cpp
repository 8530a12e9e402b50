#include "core/events/redis/resp.hpp"

#include <cstring>
#include <new>
#include <utility>

#include <hiredis/hiredis.h>

#include "core/domain/error.hpp"

namespace signwatch::redis {

struct ReplyReader::Counter {
    std::size_t left = 0;

    // hiredis builds the reply through these; a null pointer makes it fail. Every value but the outermost lives in the
    // elements of its parent, which do not move while hiredis still points to one of them: it builds depth first.
    static Value* place(const redisReadTask* task, Value&& value) noexcept {
        auto& counter = *static_cast<Counter*>(task->privdata);
        if (counter.left == 0) return nullptr;
        --counter.left;
        try {
            if (task->parent == nullptr) return new Value(std::move(value));
            auto& siblings = static_cast<Value*>(task->parent->obj)->elements;
            return &siblings.emplace_back(std::move(value));
        } catch (const std::bad_alloc&) {
            return nullptr;
        }
    }

    static void* make_text(const redisReadTask* task, char* bytes, std::size_t size) {
        try {
            Value value;
            value.kind = task->type == REDIS_REPLY_ERROR    ? Value::Kind::error
                         : task->type == REDIS_REPLY_STATUS ? Value::Kind::status
                                                            : Value::Kind::text;
            value.text.assign(bytes, size);
            return place(task, std::move(value));
        } catch (const std::bad_alloc&) {
            return nullptr;
        }
    }

    static void* make_array(const redisReadTask* task, int) {
        Value value;
        value.kind = Value::Kind::array;
        return place(task, std::move(value));
    }

    static void* make_integer(const redisReadTask* task, long long number) {
        Value value;
        value.kind = Value::Kind::integer;
        value.integer = number;
        return place(task, std::move(value));
    }

    static void* make_nil(const redisReadTask* task) { return place(task, Value{}); }

    static void free(void* reply) { delete static_cast<Value*>(reply); }

    static redisReplyObjectFunctions* functions() {
        static redisReplyObjectFunctions all{make_text, make_array, make_integer, make_nil, free};
        return &all;
    }
};

namespace {

Error protocol_error() {
    return {
        ErrorKind::transient, "redis_protocol", "what came from the server is no valid or no acceptable RESP reply"};
}

// hiredis looks for the end of a line from its start each time something comes: without a limit that is quadratic.
bool line_too_long(const redisReader& reader) {
    constexpr std::size_t longest = 64 * 1024;
    return reader.len - reader.pos > longest && std::memchr(reader.buf + reader.pos, '\r', longest) == nullptr;
}

}  // namespace

void append_command(std::string& commands, std::initializer_list<std::string_view> words) {
    append_command(commands, std::vector<std::string_view>(words));
}

void append_command(std::string& commands, const std::vector<std::string_view>& words) {
    std::vector<const char*> pointers;
    std::vector<std::size_t> sizes;
    for (const std::string_view word : words) {
        pointers.push_back(word.data());
        sizes.push_back(word.size());
    }
    char* formatted = nullptr;
    const int size =
        redisFormatCommandArgv(&formatted, static_cast<int>(pointers.size()), pointers.data(), sizes.data());
    if (size < 0) throw std::bad_alloc();
    commands.append(formatted, static_cast<std::size_t>(size));
    explicit_bzero(formatted, static_cast<std::size_t>(size));  // it may hold a password
    redisFreeCommand(formatted);
}

ReplyReader::ReplyReader(ReplyLimits limits)
    : limits_(limits),
      counter_(std::make_unique<Counter>(Counter{limits.values})),
      reader_(redisReaderCreateWithFunctions(Counter::functions())) {
    if (reader_ == nullptr) throw std::bad_alloc();
    reader_->privdata = counter_.get();
}

ReplyReader::~ReplyReader() {
    redisReaderFree(reader_);
}

void ReplyReader::feed(std::string_view bytes) {
    fed_ += bytes.size();
    if (redisReaderFeed(reader_, bytes.data(), bytes.size()) != REDIS_OK) throw protocol_error();
}

std::optional<Value> ReplyReader::next() {
    void* reply = nullptr;
    if (redisReaderGetReply(reader_, &reply) != REDIS_OK) throw protocol_error();
    const std::unique_ptr<Value> value(static_cast<Value*>(reply));
    const std::size_t unread = reader_->len - reader_->pos;
    if ((value ? fed_ - unread : fed_) > limits_.bytes) throw protocol_error();
    if (!value && line_too_long(*reader_)) throw protocol_error();
    if (!value) return std::nullopt;
    fed_ = unread;
    counter_->left = limits_.values;
    return std::move(*value);
}

}  // namespace signwatch::redis
