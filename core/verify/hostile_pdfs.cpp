#include "core/verify/hostile_pdfs.hpp"

#include <array>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

#include <openssl/objects.h>
#include <openssl/ts.h>
#include <qpdf/Buffer.hh>
#include <qpdf/Pl_Buffer.hh>
#include <qpdf/Pl_Flate.hh>

#include "core/crypto/digest.hpp"
#include "core/crypto/encoding.hpp"
#include "core/verify/openssl_handle.hpp"

namespace signwatch::verify {
namespace {

std::string offset_line(std::size_t offset) {
    std::array<char, 32> line{};
    std::snprintf(line.data(), line.size(), "%010zu 00000 n \n", offset);
    return line.data();
}

std::string with_objects(std::string pdf, const std::vector<PdfObject>& objects, const std::string& trailer) {
    std::string table = "xref\n";
    for (const PdfObject& object : objects) {
        table += std::to_string(object.number) + " 1\n" + offset_line(pdf.size());
        pdf += std::to_string(object.number) + " 0 obj\n" + object.body + "\nendobj\n";
    }
    const std::size_t start = pdf.size();
    return pdf + table + "trailer\n<< /Size 100 /Root 1 0 R " + trailer + " >>\nstartxref\n" + std::to_string(start) +
           "\n%%EOF\n";
}

std::string big_endian(std::size_t value, int width) {
    std::string bytes;
    for (int i = width - 1; i >= 0; --i)
        bytes += static_cast<char>((value >> (8 * static_cast<unsigned>(i))) & 0xFFU);
    return bytes;
}

std::string deflate(const std::string& bytes) {
    Pl_Buffer result("result");
    Pl_Flate flate("flate", &result, Pl_Flate::a_deflate);
    flate.write(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
    flate.finish();
    const std::shared_ptr<Buffer> buffer = result.getBufferSharedPointer();
    return {reinterpret_cast<const char*>(buffer->getBuffer()), buffer->getSize()};
}

std::string stream(const std::string& entries, const std::string& data) {
    return "<< " + entries + " /Length " + std::to_string(data.size()) + " >>\nstream\n" + data + "\nendstream";
}

template <typename T>
std::string der_of(int (*encode)(const T*, unsigned char**), const T* object) {
    unsigned char* bytes = nullptr;
    const int size = encode(object, &bytes);
    if (size <= 0) throw std::runtime_error("DER");
    std::string der(reinterpret_cast<char*>(bytes), static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    return der;
}

/// RFC 3161 TSTInfo for a SHA-256 digest.
std::string stamp_info(const crypto::Sha256Bytes& digest) {
    const Handle<TS_TST_INFO, TS_TST_INFO_free> info(TS_TST_INFO_new());
    const Handle<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free> imprint(TS_MSG_IMPRINT_new());
    const Handle<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
    X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
    TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get());
    std::array<unsigned char, 32> bytes = digest;
    TS_MSG_IMPRINT_set_msg(imprint.get(), bytes.data(), static_cast<int>(bytes.size()));
    const Handle<ASN1_OBJECT, ASN1_OBJECT_free> policy(OBJ_txt2obj("1.2.3.4", 1));
    const Handle<ASN1_INTEGER, ASN1_INTEGER_free> serial(ASN1_INTEGER_new());
    ASN1_INTEGER_set_uint64(serial.get(), 42);
    const Handle<ASN1_GENERALIZEDTIME, ASN1_GENERALIZEDTIME_free> time(
        ASN1_GENERALIZEDTIME_set(nullptr, 1'772'618'531));
    TS_TST_INFO_set_version(info.get(), 1);
    TS_TST_INFO_set_policy_id(info.get(), policy.get());
    TS_TST_INFO_set_msg_imprint(info.get(), imprint.get());
    TS_TST_INFO_set_serial(info.get(), serial.get());
    TS_TST_INFO_set_time(info.get(), time.get());
    return der_of<TS_TST_INFO>(i2d_TS_TST_INFO, info.get());
}

std::string stamp_token(const crypto::Sha256Bytes& digest) {
    const Handle<EVP_PKEY, EVP_PKEY_free> key(EVP_EC_gen("P-256"));
    const CertificateHandle certificate(X509_new());
    X509_set_pubkey(certificate.get(), key.get());
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86400);
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    const std::string info = stamp_info(digest);
    const BioChain content(BIO_new_mem_buf(info.data(), static_cast<int>(info.size())));
    constexpr unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP | CMS_CADES;
    const CmsHandle cms(CMS_sign(nullptr, nullptr, nullptr, nullptr, flags));
    CMS_set1_eContentType(cms.get(), OBJ_nid2obj(NID_id_smime_ct_TSTInfo));
    CMS_add1_signer(cms.get(), certificate.get(), key.get(), EVP_sha256(), flags);
    if (CMS_final(cms.get(), content.get(), nullptr, flags) != 1) throw std::runtime_error("time stamp");
    return der_of<CMS_ContentInfo>(i2d_CMS_ContentInfo, cms.get());
}

std::size_t last_cross_reference(const std::string& pdf) {
    return std::stoul(pdf.substr(pdf.rfind("startxref\n") + 10));
}

}  // namespace

std::string add_revision(const std::string& pdf, const std::vector<PdfObject>& objects, const std::string& trailer) {
    return with_objects(pdf, objects, "/Prev " + std::to_string(last_cross_reference(pdf)) + " " + trailer);
}

std::string pdf_stream(const std::string& data, const std::string& entries) {
    return stream(entries, data);
}

std::string pdf_with_catalog(const std::string& entries, const std::string& object_7) {
    return with_objects("%PDF-1.7\n",
                        {{1, "<< /Type /Catalog /Pages 2 0 R " + entries + " >>"},
                         {2, "<< /Type /Pages /Kids [] /Count 0 >>"},
                         {7, object_7}},
                        "");
}

std::string encrypted_pdf() {
    const std::string unknown = "<" + std::string(64, 'a') + ">";
    return with_objects(
        "%PDF-1.7\n",
        {{1, "<< /Type /Catalog /Pages 2 0 R >>"}, {2, "<< /Type /Pages /Kids [] /Count 0 >>"}},
        "/ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O " + unknown + " /U " + unknown + " >>");
}

// A run of 128 zeros is two bytes of RunLengthDecode, and those pairs deflate well in turn.
std::string flate_bomb(std::size_t size) {
    const std::string head = "1 0 2 40 << /Type /Catalog /Pages 2 0 R >>          << /Type /Pages /Kids [] /Count 0 >>";
    std::string runs(1, static_cast<char>(head.size() - 1));
    runs += head;
    for (std::size_t i = 0; i < size / 128; ++i)
        runs += std::string("\x81\0", 2);
    runs += '\x80';
    std::string pdf = "%PDF-1.7\n";
    const std::size_t objects = pdf.size();
    pdf += "3 0 obj\n" + stream("/Type /ObjStm /N 2 /First 8 /Filter [/FlateDecode /RunLengthDecode]", deflate(runs)) +
           "\nendobj\n";
    const std::size_t table = pdf.size();
    const std::string entries = big_endian(0, 1) + big_endian(0, 4) + big_endian(0, 1) +        //
                                big_endian(2, 1) + big_endian(3, 4) + big_endian(0, 1) +        //
                                big_endian(2, 1) + big_endian(3, 4) + big_endian(1, 1) +        //
                                big_endian(1, 1) + big_endian(objects, 4) + big_endian(0, 1) +  //
                                big_endian(1, 1) + big_endian(table, 4) + big_endian(0, 1);
    return pdf + "4 0 obj\n" + stream("/Type /XRef /Size 5 /W [1 4 1] /Root 1 0 R", entries) + "\nendobj\nstartxref\n" +
           std::to_string(table) + "\n%%EOF\n";
}

std::string add_time_stamp(const std::string& pdf, bool honest) {
    constexpr std::size_t room = 4096;
    const std::string gap = "[0 0000000000 0000000000 0000000000]";
    const bool signed_before = pdf.find("/AcroForm") != std::string::npos;
    const std::string fields = std::string(signed_before ? "8 0 R " : "") + "50 0 R";
    std::string stamped =
        with_objects(pdf,
                     {{1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /SigFlags 3 /Fields [" + fields + "] >> >>"},
                      {50, "<< /FT /Sig /T (Stamp) /V 51 0 R >>"},
                      {51,
                       "<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /ByteRange " + gap +
                           " /Contents <" + std::string(2 * room, '0') + "> >>"}},
                     "/Prev " + std::to_string(last_cross_reference(pdf)));
    const std::size_t begin = stamped.rfind("/Contents <") + 10;
    const std::size_t end = begin + 2 * room + 2;
    std::array<char, 64> range{};
    std::snprintf(range.data(), range.size(), "[0 %-10zu %-10zu %-10zu]", begin, end, stamped.size() - end);
    stamped.replace(stamped.rfind(gap), gap.size(), range.data());
    crypto::Sha256 hash;
    hash.update(honest ? std::string_view(stamped).substr(0, begin) : std::string_view("something else"));
    hash.update(std::string_view(stamped).substr(end));
    const std::string token = stamp_token(hash.digest());
    const std::string hex =
        crypto::to_hex(std::span{reinterpret_cast<const unsigned char*>(token.data()), token.size()});
    return stamped.replace(begin + 1, hex.size(), hex);
}

}  // namespace signwatch::verify
