#include <map>
#include <utility>

#include "core/events/redis/redis_event_stream.hpp"

namespace signwatch::redis {
namespace {

class RedisEventStreams final : public EventStreams {
public:
    RedisEventStreams(boost::asio::any_io_executor loop, RedisSettings settings, PartitionListener on_state)
        : loop_(std::move(loop)), settings_(std::move(settings)), on_state_(std::move(on_state)) {}

    int wanted() const override { return settings_.partitions; }
    EventStream& at(Partition partition) override {
        std::unique_ptr<EventStream>& stream = streams_[partition];
        if (!stream) stream = make(partition);
        return *stream;
    }

private:
    std::unique_ptr<EventStream> make(Partition partition) const {
        RedisSettings settings = settings_;
        settings.stream = stream_name(settings_.stream, partition);
        auto listener = [this, partition](bool connected, const std::string& reason) {
            if (on_state_) on_state_(partition, connected, reason);
        };
        return make_event_stream(loop_, std::move(settings), listener);
    }

    boost::asio::any_io_executor loop_;
    const RedisSettings settings_;
    const PartitionListener on_state_;
    std::map<Partition, std::unique_ptr<EventStream>> streams_;
};

}  // namespace

std::unique_ptr<EventStreams> make_event_streams(boost::asio::any_io_executor loop,
                                                 RedisSettings settings,
                                                 PartitionListener on_state) {
    return std::make_unique<RedisEventStreams>(std::move(loop), std::move(settings), std::move(on_state));
}

}  // namespace signwatch::redis
