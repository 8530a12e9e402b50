#include "core/verify/pdf_signatures.hpp"

#include <limits>
#include <set>

#include <qpdf/JSON.hh>  // incomplete in the next headers otherwise, which clang refuses
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFExc.hh>
#include <qpdf/QPDFObjectHandle.hh>

#include "core/verify/refuse.hpp"

namespace signwatch::verify {
namespace {

constexpr int max_field_depth = 32;
constexpr std::size_t max_fields = 20'000;
constexpr std::size_t max_signatures = 256;

SignatureFormat format_of(QPDFObjectHandle dictionary) {
    QPDFObjectHandle name = dictionary.getKey("/SubFilter");
    if (name.isName()) {
        const std::string word = name.getName();
        if (word == "/ETSI.CAdES.detached" || word == "/adbe.pkcs7.detached") return SignatureFormat::detached_cms;
        if (word == "/ETSI.RFC3161") return SignatureFormat::time_stamp;
    }
    refuse("pdf_cms", "a signature has a format that we do not know");
}

std::size_t offset_at(QPDFObjectHandle range, int index) {
    QPDFObjectHandle number = range.getArrayItem(index);
    long long value = -1;
    if (!number.isInteger() || !number.getValueAsInt(value) || value < 0) {
        refuse("pdf_byte_range", "a /ByteRange holds something else than offsets");
    }
    return static_cast<std::size_t>(value);
}

PdfSignature read_signature(QPDFObjectHandle dictionary) {
    PdfSignature signature;
    signature.format = format_of(dictionary);
    QPDFObjectHandle range = dictionary.getKey("/ByteRange");
    if (!range.isArray() || range.getArrayNItems() != 4 || offset_at(range, 0) != 0) {
        refuse("pdf_byte_range", "a signature has no /ByteRange of two ranges from the start");
    }
    signature.gap_begin = offset_at(range, 1);
    signature.gap_end = offset_at(range, 2);
    const std::size_t length = offset_at(range, 3);
    if (length > std::numeric_limits<std::size_t>::max() / 2) refuse("pdf_byte_range", "a /ByteRange is too long");
    signature.end = signature.gap_end + length;
    QPDFObjectHandle contents = dictionary.getKey("/Contents");
    if (!contents.isString()) refuse("pdf_cms", "a signature has no /Contents");
    signature.contents = contents.getStringValue();
    return signature;
}

/// Walks the tree of form fields; each object is visited once, so that a cycle ends.
class FieldWalk {
public:
    void visit(QPDFObjectHandle fields, const std::string& inherited_type, int depth) {
        if (!fields.isArray()) return;
        if (depth > max_field_depth) refuse("pdf_malformed", "the form fields are nested too deeply");
        for (int i = 0; i < fields.getArrayNItems(); ++i)
            visit_field(fields.getArrayItem(i), inherited_type, depth);
    }

    std::vector<PdfSignature> take() { return std::move(found_); }

private:
    void visit_field(QPDFObjectHandle field, const std::string& inherited_type, int depth) {
        if (++count_ > max_fields) refuse("pdf_malformed", "the document has too many form fields");
        if (!field.isDictionary() || !is_new(field)) return;
        QPDFObjectHandle own_type = field.getKey("/FT");
        const std::string type = own_type.isName() ? own_type.getName() : inherited_type;
        QPDFObjectHandle value = field.getKey("/V");
        if (type == "/Sig" && value.isDictionary() && is_new(value)) add(value);
        visit(field.getKey("/Kids"), type, depth + 1);
    }

    bool is_new(const QPDFObjectHandle& object) {
        return !object.isIndirect() || seen_.insert(object.getObjGen()).second;
    }

    void add(QPDFObjectHandle dictionary) {
        if (found_.size() == max_signatures) refuse("pdf_malformed", "the document has too many signatures");
        found_.push_back(read_signature(dictionary));
    }

    std::set<QPDFObjGen> seen_;
    std::size_t count_ = 0;
    std::vector<PdfSignature> found_;
};

std::vector<PdfSignature> signatures_of(QPDF& pdf) {
    if (pdf.isEncrypted()) refuse("pdf_encrypted", "the PDF is encrypted");
    QPDFObjectHandle form = pdf.getRoot().getKey("/AcroForm");
    FieldWalk walk;
    if (form.isDictionary()) walk.visit(form.getKey("/Fields"), "", 0);
    return walk.take();
}

// qpdf may repair a cross-reference table that it cannot read: whatever it finds then, the digests decide.
void open(QPDF& pdf, std::string_view bytes) {
    pdf.setSuppressWarnings(true);
    pdf.processMemoryFile("document", bytes.data(), bytes.size());
}

bool needs_password(const QPDFExc& error) {
    return error.getErrorCode() == qpdf_e_password || error.getErrorCode() == qpdf_e_unsupported;
}

}  // namespace

std::vector<PdfSignature> find_signatures(std::string_view bytes) {
    try {
        QPDF pdf;
        open(pdf, bytes);
        return signatures_of(pdf);
    } catch (const QPDFExc& error) {
        if (needs_password(error)) refuse("pdf_encrypted", "the PDF is encrypted");
        refuse("pdf_malformed", "the structure of the PDF cannot be read");
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const Error&) {
        throw;
    } catch (const std::exception&) {
        refuse("pdf_malformed", "the structure of the PDF cannot be read");
    }
}

}  // namespace signwatch::verify
