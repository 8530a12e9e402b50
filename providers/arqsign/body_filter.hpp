#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ports/provider.hpp"
#include "providers/arqsign/base64_stream.hpp"

namespace signwatch::arqsign {

/// A document that came within the body; `part` is its place in documentos[], from 1.
struct ReceivedDocument {
    DocumentKind kind = DocumentKind::signed_pdf;
    int part = 0;
};

/// Takes the body of a whole process as it arrives, which may hold 100 MB of base64: those texts are decoded into the
/// intake at once, and what remains, with "" in their place, is a small body for parse_process. It checks no grammar:
/// that body is as well-formed as the one that came. Throws Error(integrity) "arqsign_base64",
/// "arqsign_document_twice", "json_depth", "json_too_large", "json_values".
class BodyFilter final : public DocumentSink {
public:
    /// nullptr: documents are not wanted and thrown away. The intake outlives the filter.
    explicit BodyFilter(DocumentIntake* intake) : intake_(intake) {}

    void write(std::span<const std::byte> bytes) override;

    const std::string& rest() const { return rest_; }
    const std::vector<ReceivedDocument>& received() const { return received_; }

private:
    /// An object or list that is open.
    struct Level {
        bool object = false;
        bool before_name = false;  ///< the next text is a name
        std::string name;          ///< of the member under way, folded
        int index = 0;             ///< of the element under way
    };
    enum class Text { none, name, document, other };

    std::size_t take_run(std::string_view text);
    void structure(char c);
    void begin_text();
    void text_character(char c);
    void decoded(char c);
    void end_text();
    void open(bool object);
    void keep(std::string_view text);
    std::optional<ReceivedDocument> document_here() const;
    void receive(std::string_view text);

    DocumentIntake* intake_;
    std::string rest_;
    std::vector<ReceivedDocument> received_;
    std::vector<Level> levels_;
    Text text_ = Text::none;
    bool escaped_ = false;
    int hex_digits_ = 0;  ///< still to come of a \u escape
    unsigned hex_ = 0;
    std::string name_;
    ReceivedDocument document_;
    std::unique_ptr<Base64Stream> content_;
};

}  // namespace signwatch::arqsign
