#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <libxml/tree.h>

#include "core/verify/openssl_handle.hpp"

namespace signwatch::verify {

using XmlHandle = Handle<xmlDoc, xmlFreeDoc>;

/// A parsed untrusted document. Read without network, entities or DTD; at most 16 MiB, 64 levels and 50,000 elements.
struct XmlDocument {
    XmlHandle tree;
    std::map<std::string, xmlNode*, std::less<>> by_id;  ///< Id, ID, id and xml:id attributes; each value once
};

/// Throws Error(integrity): xml_malformed, xml_doctype, xml_limits; xades_signature when two elements share an id,
/// because a reference could then be checked against one and read from the other (signature wrapping).
XmlDocument parse_xml(std::string_view bytes);

bool is_element(const xmlNode* node, std::string_view name_space, std::string_view name);
xmlNode* child(const xmlNode* parent, std::string_view name_space, std::string_view name);
std::vector<xmlNode*> children(const xmlNode* parent, std::string_view name_space, std::string_view name);
bool contains(const xmlNode* ancestor, const xmlNode* node);

std::string text_of(const xmlNode* element);
std::string attribute(const xmlNode* element, const char* name);  ///< empty if absent
bool has_attribute(const xmlNode* element, const char* name);

}  // namespace signwatch::verify
