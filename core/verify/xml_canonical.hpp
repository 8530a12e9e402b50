#pragma once

#include <optional>
#include <string>

#include <libxml/tree.h>

namespace signwatch::verify {

/// A canonicalisation algorithm: W3C Canonical XML 1.0 and 1.1, Exclusive XML Canonicalization 1.0.
struct Canonicalisation {
    int mode = 0;  ///< libxml2's xmlC14NMode
    bool with_comments = false;
    std::string inclusive_prefixes;  ///< PrefixList of exclusive canonicalisation
};

/// Reads the `Algorithm` of a CanonicalizationMethod or Transform element; nullopt for one that we do not know.
std::optional<Canonicalisation> canonicalisation_of(const xmlNode* method);

/// The canonical octets of the subtree `apex` (a whole document: its root's parent), without the subtree `omitted` if
/// given. `keep_comments` is about the node set, before the algorithm's own choice.
std::string canonical_form(
    xmlDoc* document, const xmlNode* apex, const xmlNode* omitted, bool keep_comments, const Canonicalisation& how);

}  // namespace signwatch::verify
