#include "tests/fakes/signed_documents.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"

namespace signwatch::testing {

namespace {

template <auto function>
struct Free {
    template <typename T>
    void operator()(T* object) const {
        function(object);
    }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Cms = std::unique_ptr<CMS_ContentInfo, Free<CMS_ContentInfo_free>>;

constexpr std::size_t contents_bytes = 4096;

void check(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string("test signer: ") + what);
}

Certificate self_signed(EVP_PKEY* key) {
    Certificate certificate(X509_new());
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), 20260304);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86400);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME* name = X509_get_subject_name(certificate.get());
    const auto* text = reinterpret_cast<const unsigned char*>("Test Signer");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    check(X509_sign(certificate.get(), key, EVP_sha256()) > 0, "certificate");
    return certificate;
}

std::string der_of(X509* certificate) {
    unsigned char* bytes = nullptr;
    const int size = i2d_X509(certificate, &bytes);
    check(size > 0, "DER");
    std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return der;
}

/// Bytes that no compressor shrinks, the same for the same label (splitmix64).
std::string noise(const std::string& label, std::size_t size) {
    std::uint64_t state = std::hash<std::string>{}(label);
    std::string bytes(size + sizeof state, '\0');
    for (std::size_t at = 0; at < size; at += sizeof state) {
        std::uint64_t z = (state += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        z ^= z >> 31U;
        std::memcpy(bytes.data() + at, &z, sizeof z);
    }
    bytes.resize(size);
    return bytes;
}

std::string escaped_for_pdf(const std::string& label) {
    std::string text;
    for (const char c : label) {
        if (c == '(' || c == ')' || c == '\\') text += '\\';
        text += c;
    }
    return text;
}

std::string escaped_for_xml(const std::string& label) {
    std::string text;
    for (const char c : label) {
        if (c == '&')
            text += "&amp;";
        else if (c == '<')
            text += "&lt;";
        else if (c == '>')
            text += "&gt;";
        else if (c == '\r')
            text += "&#xD;";
        else
            text += c;
    }
    return text;
}

/// Appends revisions to a PDF: objects, their cross-reference section, the trailer.
class PdfWriter {
public:
    void object(int number, const std::string& body) {
        entries_.push_back({number, bytes_.size()});
        bytes_ += std::to_string(number) + " 0 obj\n" + body + "\nendobj\n";
    }

    void stream(int number, const std::string& data) {
        object(number, "<< /Length " + std::to_string(data.size()) + " >>\nstream\n" + data + "\nendstream");
    }

    void end_revision(int size) {
        const std::size_t start = bytes_.size();
        bytes_ += "xref\n";
        if (previous_ == 0) bytes_ += "0 1\n0000000000 65535 f \n";
        for (const Entry& entry : entries_) {
            std::array<char, 64> line{};
            std::snprintf(line.data(), line.size(), "%d 1\n%010zu 00000 n \n", entry.number, entry.offset);
            bytes_ += line.data();
        }
        bytes_ += "trailer\n<< /Size " + std::to_string(size) + " /Root 1 0 R";
        if (previous_ != 0) bytes_ += " /Prev " + std::to_string(previous_);
        bytes_ += " >>\nstartxref\n" + std::to_string(start) + "\n%%EOF\n";
        previous_ = start;
        entries_.clear();
    }

    std::string& bytes() { return bytes_; }

private:
    struct Entry {
        int number;
        std::size_t offset;
    };
    std::string bytes_ = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
    std::vector<Entry> entries_;
    std::size_t previous_ = 0;
};

constexpr int first_signature_object = 7;

std::string page(const std::string& annotations) {
    return "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
           "/Resources << /Font << /F1 5 0 R >> >> /Annots [" +
           annotations + "] >>";
}

std::string catalog(const std::string& fields) {
    std::string form;
    if (!fields.empty()) form = " /AcroForm << /SigFlags 3 /Fields [" + fields + "] >>";
    return "<< /Type /Catalog /Pages 2 0 R /SignwatchPadding 6 0 R" + form + " >>";
}

void write_first_revision(PdfWriter& pdf, const std::string& label, std::size_t padding) {
    pdf.object(1, catalog(""));
    pdf.object(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    pdf.object(3, page(""));
    pdf.stream(4, "BT /F1 14 Tf 60 760 Td (" + escaped_for_pdf(label) + ") Tj ET");
    pdf.object(5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    pdf.stream(6, noise(label, padding));
    pdf.end_revision(first_signature_object);
}

struct Gap {
    std::size_t begin;
    std::size_t end;
};

constexpr std::string_view byte_range_room = "[0 0000000000 0000000000 0000000000]";

/// Adds signature number `index` (from 0) with an empty /Contents and gives the place of that.
Gap write_signature_revision(PdfWriter& pdf, int index) {
    std::string fields;
    for (int i = 0; i <= index; ++i)
        fields += std::to_string(first_signature_object + 2 * i + 1) + " 0 R ";
    const int dictionary = first_signature_object + 2 * index;
    pdf.object(1, catalog(fields));
    pdf.object(3, page(fields));
    pdf.object(dictionary + 1,
               "<< /Type /Annot /Subtype /Widget /FT /Sig /F 132 /Rect [0 0 0 0] /P 3 0 R /T (Signature" +
                   std::to_string(index + 1) + ") /V " + std::to_string(dictionary) + " 0 R >>");
    const std::size_t before = pdf.bytes().size();
    pdf.object(
        dictionary,
        "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M (D:20260304100211Z) /ByteRange " +
            std::string(byte_range_room) + " /Contents <" + std::string(2 * contents_bytes, '0') + "> >>");
    const std::size_t begin = pdf.bytes().find("/Contents <", before) + std::strlen("/Contents ");
    pdf.end_revision(dictionary + 2);
    return {begin, begin + 2 * contents_bytes + 2};
}

void fill_byte_range(std::string& pdf, const Gap& gap) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "[0 %-10zu %-10zu %-10zu]", gap.begin, gap.end, pdf.size() - gap.end);
    const std::size_t at = pdf.rfind(byte_range_room, gap.begin);
    pdf.replace(at, byte_range_room.size(), text.data());
}

}  // namespace

struct DocumentSigner::Parts {
    Key key{EVP_EC_gen("P-256")};
    Certificate certificate = self_signed(key.get());
    std::string certificate_der = der_of(certificate.get());

    std::string detached_cms(std::string_view before, std::string_view after) const;
    std::string raw_signature(const std::string& text) const;
};

std::string DocumentSigner::Parts::detached_cms(std::string_view before, std::string_view after) const {
    constexpr unsigned flags = CMS_DETACHED | CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP | CMS_CADES;
    const Cms cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, flags));
    check(cms && CMS_add1_signer(cms.get(), certificate.get(), key.get(), EVP_sha256(), flags) != nullptr, "signer");
    const std::unique_ptr<BIO, Free<BIO_free_all>> chain(CMS_dataInit(cms.get(), nullptr));
    check(chain != nullptr, "CMS_dataInit");
    BIO_write(chain.get(), before.data(), static_cast<int>(before.size()));
    BIO_write(chain.get(), after.data(), static_cast<int>(after.size()));
    check(CMS_dataFinal(cms.get(), chain.get()) == 1, "CMS_dataFinal");
    unsigned char* bytes = nullptr;
    const int size = i2d_CMS_ContentInfo(cms.get(), &bytes);
    check(size > 0, "CMS DER");
    std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return der;
}

/// ECDSA as XML signatures want it: r and s, 32 bytes each.
std::string DocumentSigner::Parts::raw_signature(const std::string& text) const {
    const std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
    std::array<unsigned char, 128> der{};
    std::size_t size = der.size();
    check(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
              EVP_DigestSign(
                  context.get(), der.data(), &size, reinterpret_cast<const unsigned char*>(text.data()), text.size()) ==
                  1,
          "ECDSA");
    const unsigned char* at = der.data();
    const std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>> pair(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    std::string raw(64, '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    check(pair && BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, 32) == 32 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + 32, 32) == 32,
          "ECDSA");
    return raw;
}

DocumentSigner::DocumentSigner() : parts_(std::make_unique<Parts>()) {}
DocumentSigner::~DocumentSigner() = default;

std::string DocumentSigner::unsigned_pdf(const std::string& label, std::size_t size) const {
    constexpr std::size_t frame = 1'000;
    PdfWriter pdf;
    pdf.bytes().reserve(size + frame);
    write_first_revision(pdf, label, size > frame ? size - frame : 1);
    return std::move(pdf.bytes());
}

std::string DocumentSigner::signed_pdf(const std::string& label, std::size_t size, int signatures) const {
    const std::size_t frame = 1'000 + static_cast<std::size_t>(signatures) * (2 * contents_bytes + 1'100);
    PdfWriter pdf;
    pdf.bytes().reserve(size + frame);
    write_first_revision(pdf, label, size > frame ? size - frame : 1);
    for (int index = 0; index < signatures; ++index) {
        const Gap gap = write_signature_revision(pdf, index);
        fill_byte_range(pdf.bytes(), gap);
        const std::string_view all = pdf.bytes();
        const std::string cms = parts_->detached_cms(all.substr(0, gap.begin), all.substr(gap.end));
        check(cms.size() <= contents_bytes, "the CMS does not fit");
        const std::string hex =
            crypto::to_hex(std::span{reinterpret_cast<const unsigned char*>(cms.data()), cms.size()});
        pdf.bytes().replace(gap.begin + 1, hex.size(), hex);
    }
    return std::move(pdf.bytes());
}

namespace {

const std::string dsig = "http://www.w3.org/2000/09/xmldsig#";
const std::string etsi = "http://uri.etsi.org/01903/v1.3.2#";
const std::string c14n = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
const std::string sha256_uri = "http://www.w3.org/2001/04/xmlenc#sha256";

std::string base64_sha256(const std::string& text) {
    const crypto::Sha256Bytes digest = crypto::sha256(text);
    return crypto::to_base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string reference(const std::string& attributes, const std::string& transforms, const std::string& digest) {
    return "<Reference " + attributes + ">" + transforms + "<DigestMethod Algorithm=\"" + sha256_uri +
           "\"></DigestMethod><DigestValue>" + digest + "</DigestValue></Reference>";
}

/// The inside of SignedProperties, written in canonical form so that it can be hashed as it stands.
std::string signed_properties(const std::string& label, const std::string& certificate, std::size_t padding) {
    const std::string filler = crypto::to_base64(noise(label, padding * 3 / 4));
    return "<SignedSignatureProperties><SigningTime>2026-03-04T10:02:11.120+01:00</"
           "SigningTime><SigningCertificate><Cert>"
           "<CertDigest><ns2:DigestMethod Algorithm=\"" +
           sha256_uri + "\"></ns2:DigestMethod><ns2:DigestValue>" + base64_sha256(certificate) +
           "</ns2:DigestValue></CertDigest><IssuerSerial><ns2:X509IssuerName>CN=Test Signer</ns2:X509IssuerName>"
           "<ns2:X509SerialNumber>20260304</ns2:X509SerialNumber></IssuerSerial></Cert></SigningCertificate>"
           "</SignedSignatureProperties><SignedDataObjectProperties><DataObjectFormat "
           "ObjectReference=\"#ID_0\"><Description>" +
           escaped_for_xml(label) + " " + filler +
           "</Description><MimeType>application/pdf</MimeType></DataObjectFormat><DataObjectFormat "
           "ObjectReference=\"#ID_1\"><MimeType>application/xml</MimeType></DataObjectFormat></"
           "SignedDataObjectProperties>"
           "</SignedProperties>";
}

}  // namespace

std::string DocumentSigner::xades(const std::string& label, std::size_t size) const {
    constexpr std::size_t frame = 2'790;
    const std::string& certificate = parts_->certificate_der;
    const std::string properties = signed_properties(label, certificate, size > frame ? size - frame : 4);
    const std::string inherited =
        "<SignedProperties xmlns=\"" + etsi + "\" xmlns:ns2=\"" + dsig + "\" Id=\"SignedProperties\">";
    const std::string transforms = "<Transforms><Transform Algorithm=\"" + c14n + "\"></Transform></Transforms>";
    const std::string info =
        "<CanonicalizationMethod Algorithm=\"" + c14n +
        "\"></CanonicalizationMethod><SignatureMethod "
        "Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256\">"
        "</SignatureMethod>" +
        reference("Id=\"ID_0\" URI=\"document.pdf\"", "", base64_sha256("the document of " + label)) +
        reference("Id=\"ID_1\" URI=\"manifest.xml\"", "", base64_sha256("the manifest of " + label)) +
        reference("Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#SignedProperties\"",
                  transforms,
                  base64_sha256(inherited + properties)) +
        "</SignedInfo>";
    const std::string signature = parts_->raw_signature("<SignedInfo xmlns=\"" + dsig + "\">" + info);
    return "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<XAdESSignatures "
           "xmlns=\"http://uri.etsi.org/2918/v1.2.1#\"><Signature xmlns=\"" +
           dsig + "\" Id=\"Signature\"><SignedInfo>" + info + "<SignatureValue>" + crypto::to_base64(signature) +
           "</SignatureValue><KeyInfo><X509Data><X509Certificate>" + crypto::to_base64(certificate) +
           "</X509Certificate></X509Data></KeyInfo><Object><QualifyingProperties xmlns=\"" + etsi + "\" xmlns:ns2=\"" +
           dsig + "\" Target=\"#Signature\"><SignedProperties Id=\"SignedProperties\">" + properties +
           "</QualifyingProperties></Object></Signature></XAdESSignatures>\n";
}

}  // namespace signwatch::testing
