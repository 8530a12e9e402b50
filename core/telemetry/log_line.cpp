#include "core/telemetry/log_line.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <spdlog/details/log_msg.h>
#include <spdlog/formatter.h>

#include "core/domain/time.hpp"
#include "core/telemetry/redaction.hpp"

namespace signwatch::telemetry {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Length of the UTF-8 sequence at the start of `text`; 0 if there is none (overlong forms, surrogates, cut sequences).
std::size_t sequence_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned first = byte(0);
    if (first < 0x80U) return 1;
    if (first >= 0xC2U && first <= 0xDFU) return follows(1) ? 2 : 0;
    if ((first & 0xF0U) == 0xE0U) {
        const bool overlong = first == 0xE0U && byte(1) < 0xA0U;
        const bool surrogate = first == 0xEDU && byte(1) > 0x9FU;
        return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (first >= 0xF0U && first <= 0xF4U) {
        const bool overlong = first == 0xF0U && byte(1) < 0x90U;
        const bool beyond = first == 0xF4U && byte(1) > 0x8FU;
        return follows(1) && follows(2) && follows(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

void append_control(std::string& out, unsigned code) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (code == '\n')
        out += "\\n";
    else if (code == '\t')
        out += "\\t";
    else if (code == '\r')
        out += "\\r";
    else
        out += {'\\', 'u', '0', '0', digits[code >> 4U], digits[code & 15U]};
}

template <typename Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> buffer{};
    const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    out.append(buffer.data(), written.ptr);
}

void append_plain(std::string& out, const FieldValue& value) {
    if (const auto* flag = std::get_if<bool>(&value))
        out += *flag ? "true" : "false";
    else if (const auto* whole = std::get_if<std::int64_t>(&value))
        append_number(out, *whole);
    else if (const auto* natural = std::get_if<std::uint64_t>(&value))
        append_number(out, *natural);
    else if (const auto* real = std::get_if<double>(&value); real != nullptr && std::isfinite(*real))
        append_number(out, *real);
    else
        out += "null";
}

class Body {
public:
    Body(LogFormat format, std::uint64_t& redactions) : format_(format), redactions_(redactions) {}

    void add_text(std::string_view name, std::string_view text) {
        const std::string masked = redact(text, redactions_);
        begin(name);
        const bool bare =
            format_ == LogFormat::text && !masked.empty() && masked.find_first_of(" \"=") == std::string::npos;
        if (!bare) out_ += '"';
        append_escaped(out_, masked);
        if (!bare) out_ += '"';
    }

    void add(const Field& field) {
        if (const auto* text = std::get_if<std::string_view>(&field.value)) {
            add_text(field.name, *text);
        } else {
            begin(field.name);
            append_plain(out_, field.value);
        }
    }

    void add_words(std::string_view text) { append_escaped(out_, redact(text, redactions_)); }

    std::string take() { return std::move(out_); }

private:
    void begin(std::string_view name) {
        if (format_ == LogFormat::json) {
            out_ += ",\"";
            append_escaped(out_, name);
            out_ += "\":";
        } else {
            out_ += ' ';
            out_ += name;
            out_ += '=';
        }
    }

    LogFormat format_;
    std::uint64_t& redactions_;
    std::string out_;
};

Level level_of(spdlog::level::level_enum level) {
    return level >= spdlog::level::err ? Level::error : static_cast<Level>(level);
}

class LineFormatter : public spdlog::formatter {
public:
    explicit LineFormatter(LogFormat format) : format_(format) {}

    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        const auto time = std::chrono::time_point_cast<milliseconds>(message.time);
        const std::string level(name_of(level_of(message.level)));
        std::string head;
        if (format_ == LogFormat::json) {
            head = R"({"ts":")" + to_rfc3339(time) + R"(","level":")" + level + '"';
        } else {
            head = to_rfc3339(time) + ' ' + level + std::string(level.size() < 5 ? 5 - level.size() : 0, ' ') + ' ';
        }
        out.append(head.data(), head.data() + head.size());
        out.append(message.payload.data(), message.payload.data() + message.payload.size());
        const std::string_view tail = format_ == LogFormat::json ? "}\n" : "\n";
        out.append(tail.data(), tail.data() + tail.size());
    }

    std::unique_ptr<formatter> clone() const override { return std::make_unique<LineFormatter>(format_); }

private:
    LogFormat format_;
};

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto code = static_cast<unsigned char>(text[at]);
        const std::size_t length = sequence_length(text.substr(at));
        const bool c1_control = length == 2 && code == 0xC2U && static_cast<unsigned char>(text[at + 1]) < 0xA0U;
        if (code < 0x20U || code == 0x7FU)
            append_control(out, code);
        else if (c1_control)
            append_control(out, static_cast<unsigned char>(text[at + 1]));
        else if (code == '"' || code == '\\')
            out += {'\\', text[at]};
        else if (length == 0)
            out += replacement;
        else
            out += text.substr(at, length);
        at += length == 0 ? 1 : length;
    }
}

std::string render_body(LogFormat format,
                        std::string_view component,
                        std::string_view message,
                        std::initializer_list<Field> fields,
                        std::uint64_t& redactions) {
    Body body(format, redactions);
    if (format == LogFormat::json) {
        body.add_text("component", component);
        body.add_text("msg", message);
    } else {
        body.add_words(component);
        body.add_words(": ");
        body.add_words(message);
    }
    for (const Field& field : fields)
        body.add(field);
    return body.take();
}

std::unique_ptr<spdlog::formatter> make_line_formatter(LogFormat format) {
    return std::make_unique<LineFormatter>(format);
}

}  // namespace signwatch::telemetry
