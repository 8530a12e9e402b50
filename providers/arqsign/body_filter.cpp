#include "providers/arqsign/body_filter.hpp"

#include <algorithm>

#include "core/domain/error.hpp"
#include "core/json/folding.hpp"

namespace signwatch::arqsign {
namespace {

constexpr std::size_t most_kept = 2 << 20;
constexpr std::size_t deepest = 64;
constexpr std::size_t longest_name = 100;
constexpr int most_parts = 500;
constexpr char not_ascii = '\x80';

[[noreturn]] void refuse(const char* code, const char* what) {
    throw Error(ErrorKind::integrity, code, what);
}

char unescaped(char c) {
    switch (c) {
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return c;
    }
}

unsigned hex_value(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return 0x10000;  // not a digit: no character that matters can come of it
}

bool is_blank(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

void BodyFilter::write(std::span<const std::byte> bytes) {
    std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    while (!text.empty()) {
        std::size_t taken = take_run(text);
        if (taken == 0) {
            if (text_ == Text::none)
                structure(text.front());
            else
                text_character(text.front());
            taken = 1;
        }
        text.remove_prefix(taken);
    }
}

// Nearly all of a body is plain base64: it is handed on in long runs.
std::size_t BodyFilter::take_run(std::string_view text) {
    if (text_ != Text::document || escaped_ || hex_digits_ > 0) return 0;
    const std::string_view run = text.substr(0, text.find_first_of("\"\\"));
    if (!run.empty()) receive(run);
    return run.size();
}

void BodyFilter::structure(char c) {
    if (c == '"') {
        begin_text();
        return;
    }
    keep({&c, 1});
    if (c == '{' || c == '[') {
        open(c == '{');
    } else if (levels_.empty()) {
        return;
    } else if (c == '}' || c == ']') {
        levels_.pop_back();
    } else if (c == ':') {
        levels_.back().before_name = false;
    } else if (c == ',') {
        levels_.back().before_name = levels_.back().object;
        ++levels_.back().index;
    }
}

void BodyFilter::open(bool object) {
    if (levels_.size() >= deepest) refuse("json_depth", "the body is nested too deeply");
    levels_.push_back({object, object, {}, 0});
}

void BodyFilter::begin_text() {
    keep("\"");
    if (!levels_.empty() && levels_.back().before_name) {
        text_ = Text::name;
        name_.clear();
    } else if (const auto document = document_here()) {
        text_ = Text::document;
        document_ = *document;
    } else {
        text_ = Text::other;
    }
}

void BodyFilter::text_character(char c) {
    if (c == '"' && !escaped_ && hex_digits_ == 0) {
        end_text();
        return;
    }
    if (text_ != Text::document) keep({&c, 1});
    if (hex_digits_ > 0) {
        hex_ = hex_ * 16 + hex_value(c);
        if (--hex_digits_ == 0) decoded(hex_ < 0x80 ? static_cast<char>(hex_) : not_ascii);
    } else if (escaped_) {
        escaped_ = false;
        hex_ = 0;
        if (c == 'u')
            hex_digits_ = 4;
        else
            decoded(unescaped(c));
    } else if (c == '\\') {
        escaped_ = true;
    } else {
        decoded(c);
    }
}

void BodyFilter::decoded(char c) {
    if (text_ == Text::document) receive({&c, 1});
    if (text_ == Text::name && name_.size() < longest_name) name_ += c;
}

void BodyFilter::end_text() {
    if (text_ == Text::name) levels_.back().name = json::fold_key(name_);
    if (content_) content_->finish();
    content_.reset();
    text_ = Text::none;
    keep("\"");
}

void BodyFilter::keep(std::string_view text) {
    if (rest_.size() + text.size() > most_kept) refuse("json_too_large", "the body is too large without its documents");
    rest_ += text;
}

// documentos[i].base64Documento and documentos[i].registroAssinaturas.base64; the record is a list in newer bodies.
std::optional<ReceivedDocument> BodyFilter::document_here() const {
    const std::size_t depth = levels_.size();
    const bool below = depth >= 3 && depth <= 5 && levels_[0].object && levels_[0].name == "documentos" &&
                       !levels_[1].object && levels_[2].object && levels_.back().object;
    if (!below) return std::nullopt;
    const int part = levels_[1].index + 1;
    const std::string& name = levels_.back().name;
    if (depth == 3) {
        if (name == "base64documento") return ReceivedDocument{DocumentKind::signed_pdf, part};
        return std::nullopt;
    }
    const bool record = levels_[2].name == "registroassinaturas" && (depth == 4 || !levels_[3].object);
    if (record && (name == "base64" || name == "base64registro")) {
        return ReceivedDocument{DocumentKind::signature_record, part};
    }
    return std::nullopt;
}

// The intake hears of a document with its first character: an empty text is none.
void BodyFilter::receive(std::string_view text) {
    if (intake_ == nullptr) return;
    if (!content_) {
        if (std::ranges::all_of(text, is_blank)) return;
        const bool twice = std::ranges::any_of(received_, [&](const ReceivedDocument& one) {
            return one.kind == document_.kind && one.part == document_.part;
        });
        if (twice) refuse("arqsign_document_twice", "a document that is there twice");
        if (document_.part > most_parts) refuse("json_values", "the process has too many documents");
        DocumentSink& sink = intake_->receive({document_.kind, 0, Sensitive(), document_.part});
        received_.push_back(document_);
        content_ = std::make_unique<Base64Stream>(&sink);
    }
    content_->feed(text);
}

}  // namespace signwatch::arqsign
