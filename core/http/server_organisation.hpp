#pragma once

#include <string_view>

#include <openssl/types.h>

namespace signwatch::http {

/// Does the subject of this certificate name the Norwegian organisation? The most explicit place that is filled
/// decides: organizationIdentifier (2.5.4.97, SEID 2.0) "NTRNO-<number>", else a nine-digit serialNumber attribute,
/// else the number as a word of the common name. (posten-arqsign 1.12)
bool names_organisation(const X509* certificate, std::string_view organisation);

}  // namespace signwatch::http
