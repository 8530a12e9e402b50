#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// ArqSign's words for the state of a process (posten-arqsign 2.4). Pure functions.
namespace signwatch::arqsign {

/// The states there are; the numbers are those of `idStatus`.
enum class Status { unknown = 0, created = 1, waiting = 2, in_process = 3, concluded = 4, cancelled = 5 };

/// The number decides if there is one; else the text, which stands in the language of the sender's user: Portuguese,
/// English or Spanish, with or without accents, also when its encoding was broken on the way.
Status status_of(std::optional<std::int64_t> number, std::string_view text);

/// Undoes an encoding mistake: UTF-8 that was read as Latin-1, Windows-1252 or MacRoman and written as UTF-8 again
/// ("ConcluÃ­do", "Conclu√≠do"), also twice. Any other text stays as it is.
std::string repaired(std::string_view text);

/// Repaired and folded: "concluido".
std::string folded(std::string_view text);

/// Folded and fit for events and logs: [a-z0-9_.-], 1 to 64 characters.
std::string clean_word(std::string_view text);

}  // namespace signwatch::arqsign
