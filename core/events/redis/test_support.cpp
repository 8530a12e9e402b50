#include "core/events/redis/test_support.hpp"

namespace signwatch::redis {

RedisSettings settings_for(const testing::RedisServer& server) {
    RedisSettings settings;
    settings.addresses.front().port = server.port();
    settings.access.connect_timeout = std::chrono::seconds{20};
    settings.access.reply_timeout = std::chrono::seconds{20};
    return settings;
}

Client::Client(RedisSettings settings) {
    auto listener = [this](bool connected, const std::string& reason) {
        states_.push_back(connected ? "connected" : reason);
    };
    stream_ = make_event_stream(loop_.get_executor(), std::move(settings), listener);
}

PublishResult Client::publish(EntryId expected_end, std::vector<OutboxEvent> batch) {
    return finish(loop_, stream_->publish(expected_end, std::move(batch)));
}

EntryId Client::end() {
    return finish(loop_, stream_->end());
}

std::string Client::trouble() {
    try {
        end();
        return {};
    } catch (const Error& error) {
        return error.code();
    }
}

}  // namespace signwatch::redis
