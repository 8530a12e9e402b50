#pragma once

#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/telemetry/field.hpp"

namespace signwatch::telemetry {

enum class Level { trace, debug, info, warn, error, off };
constexpr int level_count = 5;  ///< levels that a line can have

std::string_view name_of(Level level);
std::optional<Level> level_from(std::string_view name);

enum class LogFormat { json, text };

class Logger;

/// Where log lines go: one line each to stderr, as JSON ("ts", "level", "component", "msg", then the fields) or as
/// text. What looks like a national number, an e-mail address or the path of a URL is masked. A place in the code that
/// logs more than `burst` lines in 10 s is silenced for the rest of them, and how many were left out is said
/// afterwards. Thread-safe; writes synchronously.
class Log {
public:
    static constexpr std::uint64_t burst = 50;

    Log(LogFormat format, Level level);
    /// Writes to `out` instead (tests); `out` outlives it.
    Log(LogFormat format, Level level, std::ostream& out);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    /// A handle for one component ("scheduler", "redis"); the log outlives it.
    Logger logger(std::string component);

    /// Lines below the level are left out. Effective at once, for all components.
    void set_level(Level level);
    Level level() const;

    /// Says how many lines were left out at places whose 10 s are over. Call now and then, and at the end.
    void report_suppressed();

    std::uint64_t messages(Level level) const;
    std::uint64_t redactions() const;
    std::uint64_t suppressed() const;

private:
    friend class Logger;
    void write(Level level,
               std::string_view component,
               std::string_view message,
               std::initializer_list<Field> fields,
               const char* file,
               unsigned line);

    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// Writes the lines of one component. Cheap to copy; passed explicitly to whoever logs.
/// The last two parameters are the place of the call, for the limit on lines; leave them to their defaults (clang 14
/// lacks std::source_location). `logger.info("poll finished", {{"account", account}, {"updates", count}});`
class Logger {
public:
    using Fields = std::initializer_list<Field>;

    Logger(Log& log, std::string component) : log_(&log), component_(std::move(component)) {}

    void debug(std::string_view message,
               Fields fields = {},
               const char* file = __builtin_FILE(),
               unsigned line = __builtin_LINE()) const {
        log_->write(Level::debug, component_, message, fields, file, line);
    }
    void info(std::string_view message,
              Fields fields = {},
              const char* file = __builtin_FILE(),
              unsigned line = __builtin_LINE()) const {
        log_->write(Level::info, component_, message, fields, file, line);
    }
    void warn(std::string_view message,
              Fields fields = {},
              const char* file = __builtin_FILE(),
              unsigned line = __builtin_LINE()) const {
        log_->write(Level::warn, component_, message, fields, file, line);
    }
    void error(std::string_view message,
               Fields fields = {},
               const char* file = __builtin_FILE(),
               unsigned line = __builtin_LINE()) const {
        log_->write(Level::error, component_, message, fields, file, line);
    }

    Log& log() const { return *log_; }

private:
    Log* log_;
    std::string component_;
};

}  // namespace signwatch::telemetry
