#pragma once

#include <cstddef>
#include <string>
#include <vector>

/// PDFs that no honest writer makes, for the tests of this room.
namespace signwatch::verify {

struct PdfObject {
    int number;
    std::string body;
};

/// `pdf` with one more revision of these objects; `trailer` is added to its trailer.
std::string add_revision(const std::string& pdf,
                         const std::vector<PdfObject>& objects,
                         const std::string& trailer = "");

/// The text of a stream object.
std::string pdf_stream(const std::string& data, const std::string& entries = "");

/// A small PDF whose catalog has `entries` beside its pages, and whose object 7 is `object_7`.
std::string pdf_with_catalog(const std::string& entries, const std::string& object_7);

/// A PDF with a standard security handler and a password that nobody knows.
std::string encrypted_pdf();

/// A PDF of some kilobytes whose catalog is in an object stream that inflates to about `size` bytes.
std::string flate_bomb(std::size_t size);

/// `pdf` with one more revision: a document time stamp over the whole file, or (not honest) over something else.
std::string add_time_stamp(const std::string& pdf, bool honest);

}  // namespace signwatch::verify
