#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace signwatch::verify {

enum class SignatureFormat { detached_cms, time_stamp };

/// A signature dictionary as the PDF states it; nothing in it is proved yet. It claims to cover [0, gap_begin) and
/// [gap_end, end) of the file.
struct PdfSignature {
    SignatureFormat format = SignatureFormat::detached_cms;
    std::size_t gap_begin = 0;
    std::size_t gap_end = 0;
    std::size_t end = 0;
    std::string contents;  ///< the decoded /Contents, with its padding
};

/// The signatures that the form fields of a PDF hold, perhaps none, in the order of the fields. Throws
/// Error(integrity): pdf_malformed, pdf_encrypted, pdf_byte_range, pdf_cms.
std::vector<PdfSignature> find_signatures(std::string_view bytes);

}  // namespace signwatch::verify
