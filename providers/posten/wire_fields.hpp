#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "providers/posten/wire.hpp"
#include "providers/posten/xml_reader.hpp"

/// Parts that the two flows share. Internal to wire*.cpp.
namespace signwatch::posten {

constexpr std::size_t longest_url = 2'000;  // the schema says 500
constexpr std::size_t longest_identity = 1'000;
constexpr std::size_t most_signers = 100;  // the schema says 10

/// Keeps the text of an element that may be there only once.
void take_once(std::optional<std::string>& field, pugi::xml_node node);

/// The text of a required element.
std::string required(const std::optional<std::string>& field, const char* name);

/// The text of an element or attribute that may be missing.
std::string bounded(const std::optional<std::string>& field, std::size_t most, const char* name);

std::int64_t job_id_of(const std::string& text);
std::string reference_of(const std::optional<std::string>& text);
std::string upper(std::string text);
[[noreturn]] void refuse_field(const char* name, const char* what);

WireUpdate parse_portal(pugi::xml_node root);
WireUpdate parse_direct(pugi::xml_node root);

}  // namespace signwatch::posten
