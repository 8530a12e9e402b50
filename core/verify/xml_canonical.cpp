#include "core/verify/xml_canonical.hpp"

#include <array>
#include <memory>
#include <sstream>
#include <string_view>
#include <vector>

#include <libxml/c14n.h>
#include <libxml/xmlIO.h>

#include "core/verify/refuse.hpp"
#include "core/verify/xml_document.hpp"

namespace signwatch::verify {
namespace {

struct Algorithm {
    std::string_view uri;
    int mode;
    bool with_comments;
};

constexpr std::array algorithms{
    Algorithm{"http://www.w3.org/TR/2001/REC-xml-c14n-20010315", XML_C14N_1_0, false},
    Algorithm{"http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments", XML_C14N_1_0, true},
    Algorithm{"http://www.w3.org/2006/12/xml-c14n11", XML_C14N_1_1, false},
    Algorithm{"http://www.w3.org/2006/12/xml-c14n11#WithComments", XML_C14N_1_1, true},
    Algorithm{"http://www.w3.org/2001/10/xml-exc-c14n#", XML_C14N_EXCLUSIVE_1_0, false},
    Algorithm{"http://www.w3.org/2001/10/xml-exc-c14n#WithComments", XML_C14N_EXCLUSIVE_1_0, true},
};

struct NodeSet {
    const xmlNode* apex;
    const xmlNode* omitted;
    bool keep_comments;
};

// libxml2 also asks for attributes and namespace declarations; those belong to the element they stand on.
int is_in_set(void* data, xmlNode* node, xmlNode* parent) {
    const auto& set = *static_cast<const NodeSet*>(data);
    const bool on_element = node->type == XML_NAMESPACE_DECL || node->type == XML_ATTRIBUTE_NODE;
    if (node->type == XML_COMMENT_NODE && !set.keep_comments) return 0;
    const xmlNode* place = on_element ? parent : node;
    if (set.omitted != nullptr && contains(set.omitted, place)) return 0;
    return contains(set.apex, place) ? 1 : 0;
}

std::vector<std::string> words(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> found;
    for (std::string word; stream >> word;)
        found.push_back(word);
    return found;
}

}  // namespace

std::optional<Canonicalisation> canonicalisation_of(const xmlNode* method) {
    const std::string uri = attribute(method, "Algorithm");
    for (const Algorithm& known : algorithms) {
        if (uri != known.uri) continue;
        const xmlNode* inclusive = child(method, "http://www.w3.org/2001/10/xml-exc-c14n#", "InclusiveNamespaces");
        return Canonicalisation{
            known.mode, known.with_comments, inclusive == nullptr ? "" : attribute(inclusive, "PrefixList")};
    }
    return std::nullopt;
}

std::string canonical_form(
    xmlDoc* document, const xmlNode* apex, const xmlNode* omitted, bool keep_comments, const Canonicalisation& how) {
    std::vector<std::string> prefixes = words(how.inclusive_prefixes);
    std::vector<xmlChar*> list;
    for (std::string& prefix : prefixes)
        list.push_back(reinterpret_cast<xmlChar*>(prefix.data()));
    list.push_back(nullptr);
    const Handle<xmlOutputBuffer, xmlOutputBufferClose> buffer(xmlAllocOutputBuffer(nullptr));
    if (!buffer) throw std::bad_alloc();
    NodeSet set{apex, omitted, keep_comments};
    xmlChar** inclusive = how.mode == XML_C14N_EXCLUSIVE_1_0 ? list.data() : nullptr;
    if (xmlC14NExecute(document, is_in_set, &set, how.mode, inclusive, how.with_comments ? 1 : 0, buffer.get()) < 0) {
        refuse("xades_digest", "a signed part cannot be brought into canonical form");
    }
    return {reinterpret_cast<const char*>(xmlOutputBufferGetContent(buffer.get())),
            xmlOutputBufferGetSize(buffer.get())};
}

}  // namespace signwatch::verify
