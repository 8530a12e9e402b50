#include "core/verify/xml_document.hpp"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>

#include "core/verify/refuse.hpp"

namespace signwatch::verify {
namespace {

constexpr std::size_t max_bytes = 16U << 20U;
constexpr int max_depth = 64;
constexpr int max_elements = 50'000;
constexpr int max_attributes = 64;

using Parser = Handle<xmlParserCtxt, xmlFreeParserCtxt>;

struct Limits {
    int elements = 0;
    bool doctype = false;
    bool exceeded = false;
};

Limits& limits_of(void* context) {
    return *static_cast<Limits*>(static_cast<xmlParserCtxt*>(context)->_private);
}

void on_doctype(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
    limits_of(context).doctype = true;
    xmlStopParser(static_cast<xmlParserCtxt*>(context));
}

void on_element(void* context,
                const xmlChar* name,
                const xmlChar* prefix,
                const xmlChar* uri,
                int namespace_count,
                const xmlChar** namespaces,
                int attribute_count,
                int defaulted_count,
                const xmlChar** attributes) {
    auto* parser = static_cast<xmlParserCtxt*>(context);
    Limits& limits = limits_of(context);
    if (++limits.elements > max_elements || parser->nodeNr >= max_depth || namespace_count > max_attributes ||
        attribute_count > max_attributes) {
        limits.exceeded = true;
        xmlStopParser(parser);
        return;
    }
    xmlSAX2StartElementNs(
        context, name, prefix, uri, namespace_count, namespaces, attribute_count, defaulted_count, attributes);
}

void ignore_error(void*, xmlError*) {}

XmlHandle parse_within(std::string_view bytes, Limits& limits) {
    const Parser parser(xmlNewParserCtxt());
    if (!parser) throw std::bad_alloc();
    parser->_private = &limits;
    parser->sax->internalSubset = on_doctype;
    parser->sax->startElementNs = on_element;
    constexpr int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    XmlHandle tree(
        xmlCtxtReadMemory(parser.get(), bytes.data(), static_cast<int>(bytes.size()), nullptr, nullptr, options));
    if (parser->errNo == XML_ERR_NO_MEMORY) throw std::bad_alloc();
    return tree;
}

bool is_id_name(std::string_view name) {
    return name == "Id" || name == "ID" || name == "id";
}

std::string_view view(const xmlChar* text) {
    return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

void collect_ids(xmlNode* element, XmlDocument& document) {
    for (const xmlAttr* at = element->properties; at != nullptr; at = at->next) {
        const bool in_xml_namespace = at->ns != nullptr && view(at->ns->href) == view(XML_XML_NAMESPACE);
        if (!is_id_name(view(at->name)) || (at->ns != nullptr && !in_xml_namespace)) continue;
        const std::string value(view(at->children == nullptr ? nullptr : at->children->content));
        const auto [place, added] = document.by_id.emplace(value, element);
        if (!added && place->second != element) refuse("xades_signature", "two elements have the same id");
    }
    for (xmlNode* node = element->children; node != nullptr; node = node->next) {
        if (node->type == XML_ELEMENT_NODE) collect_ids(node, document);
    }
}

}  // namespace

XmlDocument parse_xml(std::string_view bytes) {
    if (bytes.size() > max_bytes) refuse("xml_limits", "the XML is larger than we read");
    xmlSetStructuredErrorFunc(nullptr, ignore_error);
    Limits limits;
    XmlDocument document;
    document.tree = parse_within(bytes, limits);
    if (limits.doctype) refuse("xml_doctype", "the XML has a document type declaration");
    if (limits.exceeded) refuse("xml_limits", "the XML is too deep or has too many elements");
    if (!document.tree) refuse("xml_malformed", "the document is not well-formed XML");
    collect_ids(xmlDocGetRootElement(document.tree.get()), document);
    return document;
}

bool is_element(const xmlNode* node, std::string_view name_space, std::string_view name) {
    return node->type == XML_ELEMENT_NODE && node->ns != nullptr && view(node->name) == name &&
           view(node->ns->href) == name_space;
}

std::vector<xmlNode*> children(const xmlNode* parent, std::string_view name_space, std::string_view name) {
    std::vector<xmlNode*> found;
    for (xmlNode* node = parent->children; node != nullptr; node = node->next) {
        if (is_element(node, name_space, name)) found.push_back(node);
    }
    return found;
}

xmlNode* child(const xmlNode* parent, std::string_view name_space, std::string_view name) {
    for (xmlNode* node = parent->children; node != nullptr; node = node->next) {
        if (is_element(node, name_space, name)) return node;
    }
    return nullptr;
}

bool contains(const xmlNode* ancestor, const xmlNode* node) {
    while (node != nullptr && node != ancestor)
        node = node->parent;
    return node != nullptr;
}

std::string text_of(const xmlNode* element) {
    std::string text;
    for (const xmlNode* node = element->children; node != nullptr; node = node->next) {
        if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) text += view(node->content);
    }
    return text;
}

std::string attribute(const xmlNode* element, const char* name) {
    xmlChar* value = xmlGetNoNsProp(element, reinterpret_cast<const xmlChar*>(name));
    std::string text(view(value));
    xmlFree(value);
    return text;
}

bool has_attribute(const xmlNode* element, const char* name) {
    return xmlHasNsProp(element, reinterpret_cast<const xmlChar*>(name), nullptr) != nullptr;
}

}  // namespace signwatch::verify
