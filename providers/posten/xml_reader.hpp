#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <pugixml.hpp>

/// Reading the XML of the signature API by (namespace, local name): real answers bind the namespace to any prefix
/// (1.5).
namespace signwatch::posten {

/// Guards and parses a body. Throws Error(integrity, "xml_...").
std::unique_ptr<pugi::xml_document> read_xml(std::string_view body);

/// The name without its prefix of an element in the API's namespace; empty for anything else.
std::string_view api_name(pugi::xml_node node);

/// All text and CDATA directly inside, joined, without white space around it.
std::string text_of(pugi::xml_node node);

/// An attribute without a namespace, trimmed; nullopt if absent. Throws Error(integrity, "xml_duplicate") if it is
/// there twice.
std::optional<std::string> attribute_of(pugi::xml_node node, std::string_view name);

std::string_view trimmed(std::string_view text);

}  // namespace signwatch::posten
