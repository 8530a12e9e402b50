#include "providers/posten/xml_reader.hpp"

#include <cstring>

#include "core/domain/error.hpp"
#include "providers/posten/xml_guard.hpp"

namespace signwatch::posten {
namespace {

constexpr const char* api_namespace = "http://signering.posten.no/schema/v1";

// Compares C strings and stops at the first difference: a hostile body asks this a hundred thousand times of long
// names.
bool declares(const char* attribute, std::string_view prefix) {
    if (std::strncmp(attribute, "xmlns", 5) != 0) return false;
    attribute += 5;
    if (prefix.empty()) return *attribute == '\0';
    return *attribute == ':' && std::strncmp(attribute + 1, prefix.data(), prefix.size()) == 0 &&
           attribute[1 + prefix.size()] == '\0';
}

bool binds_to_api(pugi::xml_node node, std::string_view prefix) {
    for (; node.type() == pugi::node_element; node = node.parent()) {
        for (const pugi::xml_attribute attribute : node.attributes()) {
            if (declares(attribute.name(), prefix)) return std::strcmp(attribute.value(), api_namespace) == 0;
        }
    }
    return false;
}

}  // namespace

std::unique_ptr<pugi::xml_document> read_xml(std::string_view body) {
    guard_xml(body);
    auto document = std::make_unique<pugi::xml_document>();
    const auto result = document->load_buffer(body.data(), body.size(), pugi::parse_default, pugi::encoding_utf8);
    if (!result) throw Error(ErrorKind::integrity, "xml_malformed", "the body is not well-formed XML");
    return document;
}

std::string_view api_name(pugi::xml_node node) {
    if (node.type() != pugi::node_element) return {};
    const std::string_view name = node.name();
    const std::size_t colon = name.find(':');
    const bool prefixed = colon != std::string_view::npos;
    const std::string_view prefix = prefixed ? name.substr(0, colon) : std::string_view{};
    if (!binds_to_api(node, prefix)) return {};
    return prefixed ? name.substr(colon + 1) : name;
}

std::string text_of(pugi::xml_node node) {
    std::string text;
    for (const pugi::xml_node child : node.children()) {
        if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) text += child.value();
    }
    return std::string{trimmed(text)};
}

std::optional<std::string> attribute_of(pugi::xml_node node, std::string_view name) {
    std::optional<std::string> found;
    for (const pugi::xml_attribute attribute : node.attributes()) {
        if (name != attribute.name()) continue;
        if (found) throw Error(ErrorKind::integrity, "xml_duplicate", "an attribute is there twice");
        found = std::string{trimmed(attribute.value())};
    }
    return found;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view space = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(space);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(space) - begin + 1);
}

}  // namespace signwatch::posten
