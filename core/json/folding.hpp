#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/domain/time.hpp"

/// Providers spell the same thing in many ways; these make the ways equal. Pure functions.
namespace signwatch::json {

/// Without white space at both ends.
std::string_view trimmed(std::string_view text);

/// A name: trimmed, ASCII letters in lower case.
std::string fold_key(std::string_view text);

/// A word for people (UTF-8): trimmed, accents of the Latin letters dropped (also decomposed ones), lower case, runs of
/// blanks, hyphens and underscores as one blank. "Em_Processo " becomes "em processo", "Concluído" "concluido". Other
/// characters stay, bytes that are no UTF-8 are dropped.
std::string fold_text(std::string_view text);

/// Reads a moment that may lack a zone, which then is UTC: ISO 8601 as parse_iso8601 reads it, with "T" or a blank, or
/// "dd/MM/yyyy hh:mm[:ss]". nullopt for anything else, and for the year 1, which .NET writes for "none".
std::optional<WallTime> parse_utc(std::string_view text);

}  // namespace signwatch::json
