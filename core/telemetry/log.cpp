#include "core/telemetry/log.hpp"

#include <array>
#include <atomic>
#include <mutex>
#include <ostream>
#include <utility>

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "core/telemetry/callsite_limiter.hpp"
#include "core/telemetry/log_line.hpp"

namespace signwatch::telemetry {
namespace {

constexpr std::array<std::string_view, 6> level_names{"trace", "debug", "info", "warn", "error", "off"};

spdlog::level::level_enum spdlog_level(Level level) {
    return level == Level::off ? spdlog::level::off : static_cast<spdlog::level::level_enum>(level);
}

}  // namespace

std::string_view name_of(Level level) {
    return level_names.at(static_cast<std::size_t>(level));
}

std::optional<Level> level_from(std::string_view name) {
    for (std::size_t i = 0; i < level_names.size(); ++i) {
        if (level_names.at(i) == name) return static_cast<Level>(i);
    }
    return std::nullopt;
}

struct Log::Parts {
    Parts(LogFormat log_format, Level level, spdlog::sink_ptr sink)
        : format(log_format), writer("signwatch", std::move(sink)), limiter(burst) {
        writer.set_formatter(make_line_formatter(format));
        writer.set_level(spdlog_level(level));
        writer.flush_on(spdlog::level::trace);
    }

    bool admit(Callsite callsite) {
        const auto now = std::chrono::steady_clock::now();
        const std::scoped_lock lock(mutex);
        if (limiter.admit(callsite, now)) return true;
        suppressed.fetch_add(1, std::memory_order_relaxed);
        return false;
    }

    void put(Level level, std::string_view component, std::string_view message, std::initializer_list<Field> fields) {
        std::uint64_t masked = 0;
        const std::string body = render_body(format, component, message, fields, masked);
        redactions.fetch_add(masked, std::memory_order_relaxed);
        messages.at(static_cast<std::size_t>(level)).fetch_add(1, std::memory_order_relaxed);
        writer.log(spdlog_level(level), spdlog::string_view_t(body.data(), body.size()));
    }

    LogFormat format;
    spdlog::logger writer;
    std::mutex mutex;  ///< of the limiter
    CallsiteLimiter limiter;
    std::array<std::atomic<std::uint64_t>, level_count> messages{};
    std::atomic<std::uint64_t> redactions{0};
    std::atomic<std::uint64_t> suppressed{0};
};

Log::Log(LogFormat format, Level level)
    : parts_(std::make_unique<Parts>(format, level, std::make_shared<spdlog::sinks::stderr_sink_mt>())) {}

Log::Log(LogFormat format, Level level, std::ostream& out)
    : parts_(std::make_unique<Parts>(format, level, std::make_shared<spdlog::sinks::ostream_sink_mt>(out))) {}

Log::~Log() = default;

Logger Log::logger(std::string component) {
    return Logger(*this, std::move(component));
}

void Log::set_level(Level level) {
    parts_->writer.set_level(spdlog_level(level));
}

Level Log::level() const {
    const auto level = parts_->writer.level();
    return level == spdlog::level::off ? Level::off : static_cast<Level>(level);
}

void Log::write(Level level,
                std::string_view component,
                std::string_view message,
                std::initializer_list<Field> fields,
                const char* file,
                unsigned line) {
    if (!parts_->writer.should_log(spdlog_level(level))) return;
    report_suppressed();
    if (parts_->admit(Callsite{file, line, std::string(component)})) {
        parts_->put(level, component, message, fields);
    }
}

void Log::report_suppressed() {
    std::vector<std::pair<Callsite, std::uint64_t>> left_out;
    {
        const std::scoped_lock lock(parts_->mutex);
        left_out = parts_->limiter.take_suppressed(std::chrono::steady_clock::now());
    }
    for (const auto& [callsite, count] : left_out) {
        std::string_view file(callsite.file);
        file.remove_prefix(file.rfind('/') == std::string_view::npos ? 0 : file.rfind('/') + 1);
        const std::string place = std::string(file) + ":" + std::to_string(callsite.line);
        parts_->put(
            Level::warn, callsite.component, "similar lines were left out", {{"count", count}, {"place", place}});
    }
}

std::uint64_t Log::messages(Level level) const {
    return level == Level::off ? 0
                               : parts_->messages.at(static_cast<std::size_t>(level)).load(std::memory_order_relaxed);
}

std::uint64_t Log::redactions() const {
    return parts_->redactions.load(std::memory_order_relaxed);
}

std::uint64_t Log::suppressed() const {
    return parts_->suppressed.load(std::memory_order_relaxed);
}

}  // namespace signwatch::telemetry
