#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string_view>

#include <qpdf/JSON.hh>  // incomplete in the next headers otherwise, which clang refuses
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFObjectHandle.hh>
#include <qpdf/QPDFXRefEntry.hh>

namespace signwatch::verify {

using Objects = std::set<QPDFObjGen>;

/// A PDF as one of its revisions shows it, read without any repair. Views the bytes.
struct PdfRevision {
    explicit PdfRevision(std::string_view bytes);

    QPDF pdf;
    std::map<QPDFObjGen, QPDFXRefEntry> table;
};

/// The indirect objects that the objects of a revision refer to, whether they exist or not.
Objects references_of(PdfRevision& revision);

/// What is new in `after`. Throws Error(integrity, "pdf_byte_range") if anything of `before` vanished or changed,
/// except for the object `may_change`.
Objects new_objects(const PdfRevision& before, const PdfRevision& after, QPDFObjGen may_change);

/// Proves that the bytes from `begin` to the end are objects of `revision`, one after the other, its cross-reference
/// section, and nothing else that another reader could take for an object. Throws Error(integrity, "pdf_byte_range").
void require_plain_update(std::string_view bytes, std::size_t begin, const PdfRevision& revision);

/// Throws Error(integrity, "pdf_byte_range") unless `good`.
void require_addition(bool good);

}  // namespace signwatch::verify
