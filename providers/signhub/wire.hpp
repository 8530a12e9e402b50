#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/sensitive.hpp"
#include "core/json/value.hpp"

/// What SignHub's bodies say, read with all the tolerance of adobe-signhub 2.4 and before any of it is given a meaning.
namespace signwatch::signhub {

/// A member of one of the vendor's enumerations: a number, a number in quotes, or its English name.
struct Code {
    std::optional<std::int64_t> number;  ///< also of the names we know
    std::string word;                    ///< as it was written

    bool is(std::int64_t value) const { return number == value; }
};

struct WireItem {
    std::string id;
    Sensitive email;
    std::int64_t order = 0;  ///< 0: the item does not say
    Code status;
    std::int64_t type = 0;    ///< 0 signature, 1 approval, 2 viewer; -1 unknown
    std::string signed_date;  ///< as it was written; empty: none
};

struct WireFlow {
    std::optional<std::int64_t> id;
    Code status;
    std::vector<WireItem> items;
};

/// Reads the answer to ApiGetFlowStatus, in its envelope or without (2.4 rules 2 to 5). Throws Error(integrity):
/// "json_..." for what is no JSON, "signhub_error" if it tells of an error, "json_field" if a member is missing or is
/// not what it should be, "signer_count" for too many items.
WireFlow parse_flow(std::string_view body);

/// The number of a flow status (2.3), of a number or name in any case; nullopt if it is neither.
std::optional<std::int64_t> flow_status_number(std::string_view word);

/// Whether a success tells of an error: in `error`, or by isOk or isSuccess being false.
bool tells_error(const json::Value& body);

/// The `code` of the error that a body tells of, if it is a plain upper-case word; "" otherwise. Nothing else of an
/// error may get into our texts: messages name people.
std::string error_word(std::string_view body);

/// `summary` of the answer to ApiVerifySignaturesPades (2.5): ALL_VALID, CONTAINS_INVALID or CONTAINS_INCOMPLETE;
/// "unreadable" for anything else. The report beside it holds national numbers and is left alone.
std::string parse_summary(std::string_view body);

}  // namespace signwatch::signhub
