#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace signwatch::testing {

/// Makes really signed documents: PDFs with PAdES signatures and XAdES files. Its keys are made when it is created.
/// Thread-compatible. Every document is unique: `label` goes into its text.
class DocumentSigner {
public:
    DocumentSigner();
    ~DocumentSigner();
    DocumentSigner(const DocumentSigner&) = delete;
    DocumentSigner& operator=(const DocumentSigner&) = delete;

    /// A PDF of about `size` bytes (at least some 20 kB) with `signatures` signatures, each added as an incremental
    /// update; the last one's /ByteRange covers the whole file.
    std::string signed_pdf(const std::string& label, std::size_t size = 20'000, int signatures = 1) const;

    /// The same page without any signature.
    std::string unsigned_pdf(const std::string& label, std::size_t size = 20'000) const;

    /// An XAdES file (ds:Signature with QualifyingProperties, the shape of Posten's example) of about `size` bytes.
    std::string xades(const std::string& label, std::size_t size = 8'000) const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace signwatch::testing
