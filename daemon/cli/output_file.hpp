#pragma once

#include <ostream>
#include <string>

#include "core/ports/document_store.hpp"

namespace signwatch::cli {

/// A file that appears whole or not at all: bytes go to a private temporary file beside it, which `finish` renames. For
/// "-" they wait in $TMPDIR until `finish` copies them out, so that nothing is shown before its hash was checked.
class OutputFile final : public DocumentSink {
public:
    /// Throws Error(permanent, "output_file") if no file can be made there.
    explicit OutputFile(const std::string& path);
    ~OutputFile() override;
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    void write(std::span<const std::byte> bytes) override;
    void finish(std::ostream& standard_output);

private:
    void copy_to(std::ostream& out);

    std::string path_;
    std::string temporary_;
    int descriptor_ = -1;
};

}  // namespace signwatch::cli
