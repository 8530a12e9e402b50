#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct redisReader;

namespace signwatch::redis {

/// One reply of the Redis protocol RESP2 (redis.io/docs/reference/protocol-spec).
struct Value {
    enum class Kind { nil, integer, status, error, text, array };

    Kind kind = Kind::nil;
    std::int64_t integer = 0;
    std::string text;  ///< of a status, an error or a text
    std::vector<Value> elements;

    bool is_error() const { return kind == Kind::error; }
};

/// Appends a command to what is to be sent.
void append_command(std::string& commands, std::initializer_list<std::string_view> words);
void append_command(std::string& commands, const std::vector<std::string_view>& words);

/// What a server may send as one reply; more is a protocol error. So is a line (not a text) of over 64 KiB, and an
/// array more than 7 deep.
struct ReplyLimits {
    std::size_t bytes = std::size_t{16} << 20;
    std::size_t values = 100'000;
};

/// Takes bytes as they come and gives whole replies. Throws Error(transient, "redis_protocol"); unusable after that.
class ReplyReader {
public:
    explicit ReplyReader(ReplyLimits limits = {});
    ~ReplyReader();
    ReplyReader(const ReplyReader&) = delete;
    ReplyReader& operator=(const ReplyReader&) = delete;

    void feed(std::string_view bytes);
    std::optional<Value> next();

private:
    struct Counter;

    ReplyLimits limits_;
    std::unique_ptr<Counter> counter_;
    redisReader* reader_;
    std::size_t fed_ = 0;  ///< since the last whole reply, and what followed it
};

}  // namespace signwatch::redis
