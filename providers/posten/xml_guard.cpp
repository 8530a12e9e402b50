#include "providers/posten/xml_guard.hpp"

#include <cstdint>
#include <string>

#include "core/domain/error.hpp"

namespace signwatch::posten {
namespace {

[[noreturn]] void refuse(const char* code, const char* what) {
    throw Error(ErrorKind::integrity, code, what);
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_name_part(char c) {
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

bool is_legal(std::uint32_t point) {
    if (point < 0x20) return point == '\t' || point == '\n' || point == '\r';
    return point <= 0xD7FF || (point >= 0xE000 && point <= 0xFFFD) || (point >= 0x10000 && point <= 0x10FFFF);
}

// Length of the UTF-8 sequence that `lead` begins, 0 if it begins none.
std::size_t sequence_length(unsigned char lead) {
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return 2;
    if (lead >= 0xE0 && lead <= 0xEF) return 3;
    if (lead >= 0xF0 && lead <= 0xF4) return 4;
    return 0;
}

std::uint32_t decode(std::string_view sequence) {
    static constexpr std::uint32_t lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    static constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    std::uint32_t point = static_cast<unsigned char>(sequence.front()) & lead_bits[sequence.size()];
    for (const char c : sequence.substr(1)) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) != 0x80) refuse("xml_encoding", "the body is not UTF-8");
        point = (point << 6) | (byte & 0x3FU);
    }
    if (point < least[sequence.size()]) refuse("xml_encoding", "the body is not UTF-8");
    return point;
}

void check_characters(std::string_view text) {
    while (!text.empty()) {
        if (text.front() >= ' ' && text.front() <= '~') {
            text.remove_prefix(1);
            continue;
        }
        if (text.front() == '\0') refuse("xml_nul", "the body holds a NUL byte");
        const std::size_t length = sequence_length(static_cast<unsigned char>(text.front()));
        if (length == 0 || length > text.size()) refuse("xml_encoding", "the body is not UTF-8");
        if (!is_legal(decode(text.substr(0, length)))) refuse("xml_malformed", "the body holds an illegal character");
        text.remove_prefix(length);
    }
}

class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    void scan() {
        if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
        bool first = true;
        while (!rest_.empty()) {
            if (++nodes_ > XmlLimits::nodes) refuse("xml_nodes", "the body has too many nodes");
            if (rest_.front() == '<')
                markup(first);
            else
                text();
            first = false;
        }
        if (depth_ != 0 || roots_ != 1) refuse("xml_malformed", "the body ends inside an element");
    }

private:
    bool take(std::string_view expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }

    std::string_view take_until(std::string_view end) {
        const std::size_t at = rest_.find(end);
        if (at == std::string_view::npos) refuse("xml_malformed", "the body ends inside markup");
        const std::string_view content = rest_.substr(0, at);
        rest_.remove_prefix(at + end.size());
        return content;
    }

    bool take_space() {
        const bool any = !rest_.empty() && is_space(rest_.front());
        while (!rest_.empty() && is_space(rest_.front()))
            rest_.remove_prefix(1);
        return any;
    }

    void take_name() {
        if (rest_.empty() || !is_name_start(rest_.front())) refuse("xml_malformed", "a name is missing");
        while (!rest_.empty() && is_name_part(rest_.front()))
            rest_.remove_prefix(1);
    }

    void markup(bool first) {
        if (take("<!--"))
            take_until("-->");
        else if (take("<![CDATA["))
            cdata();
        else if (take("<?"))
            instruction(first);
        else if (rest_.starts_with("<!"))
            refuse("xml_doctype", "the body has a document type or another declaration");
        else if (take("</"))
            closing();
        else
            opening();
    }

    void cdata() {
        if (depth_ == 0) refuse("xml_malformed", "text outside the root element");
        take_until("]]>");
    }

    void instruction(bool first) {
        const std::string_view content = take_until("?>");
        if (!content.starts_with("xml") || (content.size() > 3 && is_name_part(content[3]))) return;
        if (!first) refuse("xml_malformed", "an XML declaration in the middle");
        const std::size_t at = content.find("encoding");
        if (at == std::string_view::npos) return;
        std::string value;
        for (const char c : content.substr(at + 8)) {
            if (!is_space(c) && c != '=') value += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        }
        if (!value.starts_with("\"utf-8\"") && !value.starts_with("'utf-8'")) {
            refuse("xml_encoding", "the body declares another encoding than UTF-8");
        }
    }

    void closing() {
        take_name();
        take_space();
        if (!take(">") || --depth_ < 0) refuse("xml_malformed", "a closing tag that closes nothing");
    }

    void opening() {
        take("<");
        take_name();
        if (depth_ == 0 && ++roots_ > 1) refuse("xml_malformed", "a second root element");
        if (depth_ + 1 > XmlLimits::depth) refuse("xml_depth", "the body is nested too deeply");
        std::size_t attributes = 0;
        for (;;) {
            const bool spaced = take_space();
            if (take("/>")) return;
            if (take(">")) break;
            if (!spaced) refuse("xml_malformed", "a tag is malformed");
            if (++attributes > XmlLimits::attributes) refuse("xml_attributes", "an element has too many attributes");
            attribute();
        }
        ++depth_;
    }

    void attribute() {
        take_name();
        take_space();
        if (!take("=")) refuse("xml_malformed", "an attribute has no value");
        take_space();
        if (take("\""))
            references(take_until("\""), true);
        else if (take("'"))
            references(take_until("'"), true);
        else
            refuse("xml_malformed", "an attribute value is not quoted");
    }

    void text() {
        const std::string_view content = rest_.substr(0, rest_.find('<'));
        rest_.remove_prefix(content.size());
        if (depth_ == 0) {
            for (const char c : content) {
                if (!is_space(c)) refuse("xml_malformed", "text outside the root element");
            }
        }
        references(content, false);
    }

    static void references(std::string_view content, bool in_attribute) {
        if (in_attribute && content.find('<') != std::string_view::npos) refuse("xml_malformed", "a < in a value");
        for (std::size_t at = content.find('&'); at != std::string_view::npos; at = content.find('&', at + 1)) {
            const std::string_view reference = content.substr(at + 1, 12);
            const std::size_t end = reference.find(';');
            if (end == std::string_view::npos || !is_allowed(reference.substr(0, end))) {
                refuse("xml_entity", "the body uses an entity that is not predefined");
            }
        }
    }

    static bool is_allowed(std::string_view reference) {
        if (!reference.starts_with('#')) {
            return reference == "amp" || reference == "lt" || reference == "gt" || reference == "quot" ||
                   reference == "apos";
        }
        reference.remove_prefix(1);
        const bool hex = reference.starts_with('x');
        if (hex) reference.remove_prefix(1);
        if (reference.empty() || reference.size() > 8) return false;
        std::uint64_t point = 0;
        for (const char c : reference) {
            const bool digit = c >= '0' && c <= '9';
            const bool letter = hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
            if (!digit && !letter) return false;
            point = point * (hex ? 16 : 10) + static_cast<std::uint64_t>(digit ? c - '0' : (c | 32) - 'a' + 10);
        }
        return point <= 0x10FFFF && is_legal(static_cast<std::uint32_t>(point));
    }

    std::string_view rest_;
    std::size_t nodes_ = 0;
    int depth_ = 0;
    int roots_ = 0;
};

}  // namespace

void guard_xml(std::string_view body) {
    if (body.empty()) refuse("xml_empty", "the body is empty");
    if (body.size() > XmlLimits::bytes) refuse("xml_too_large", "the body is too large");
    check_characters(body);
    Scanner{body}.scan();
}

}  // namespace signwatch::posten
