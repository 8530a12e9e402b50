#pragma once

#include <cstddef>
#include <string_view>

namespace signwatch::posten {

/// What a body may be at most. A tree deeper than this would be destroyed recursively, so it must never be built.
struct XmlLimits {
    static constexpr std::size_t bytes = 1 << 20;
    static constexpr int depth = 64;
    static constexpr std::size_t nodes = 100'000;
    static constexpr std::size_t attributes = 256;  ///< per element
};

/// Looks through a body once, in constant memory, before any tree is built: size, UTF-8, legal characters, tag grammar,
/// depth, counts, no DOCTYPE, no entity but the five predefined. Throws Error(integrity) with one of the codes
/// xml_empty, xml_too_large, xml_nul, xml_encoding, xml_doctype, xml_entity, xml_depth, xml_nodes, xml_attributes,
/// xml_malformed. That tags close in the right order is left to the parser.
void guard_xml(std::string_view body);

}  // namespace signwatch::posten
