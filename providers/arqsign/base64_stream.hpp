#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/ports/document_store.hpp"

namespace signwatch::arqsign {

/// Decodes base64 that arrives in pieces: the standard alphabet with padding, blanks and line breaks anywhere, a
/// "data:...," in front. Throws Error(integrity, "arqsign_base64") for anything else.
class Base64Stream {
public:
    /// nullptr: what comes is thrown away unseen.
    explicit Base64Stream(DocumentSink* sink) : sink_(sink) {}

    void feed(std::string_view text);
    /// The text ends here.
    void finish();

private:
    void begin(char c);
    void decode(std::string_view text);
    void put(char byte);
    void flush();

    enum class Stage { begin, prefix, content };

    DocumentSink* sink_;
    Stage stage_ = Stage::begin;
    std::string head_;  ///< the first characters, until they are known to be no "data:"
    std::size_t prefix_size_ = 0;
    std::uint32_t pending_ = 0;
    unsigned bits_ = 0;
    unsigned characters_ = 0;  ///< modulo 4
    unsigned padding_ = 0;
    std::array<char, 16 * 1024> buffer_{};
    std::size_t filled_ = 0;
};

}  // namespace signwatch::arqsign
