#pragma once

#include <memory>

#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

namespace signwatch::verify {

/// Deleter for what a C library allocated.
template <auto function>
struct FreeWith {
    template <typename T>
    void operator()(T* object) const {
        function(object);
    }
};

template <typename T, auto function>
using Handle = std::unique_ptr<T, FreeWith<function>>;

using CmsHandle = Handle<CMS_ContentInfo, CMS_ContentInfo_free>;
using BioChain = Handle<BIO, BIO_free_all>;
using CertificateHandle = Handle<X509, X509_free>;
using DigestContext = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;

}  // namespace signwatch::verify
