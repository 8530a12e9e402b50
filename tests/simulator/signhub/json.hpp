#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "tests/simulator/signhub/world.hpp"

namespace signwatch::simulator::signhub {

/// How a status is written: as the vendor's other products do it, and in every other way a client has to bear.
struct StatusForm {
    bool envelope = true;
    bool pascal_case = false;
    bool numbers_as_strings = false;
    bool enum_names = false;
    bool offsets = true;
    bool byte_order_mark = false;
    bool with_error = false;  ///< an error beside the result
};

/// The body of an answer to ApiGetFlowStatus. `epoch` is the wall time of virtual time 0, so that a date never changes.
std::string write_status(const Flow& flow, const FlowState& state, microseconds epoch, const StatusForm& form);

/// Who signs item `item` of a flow: what must never be seen outside.
std::string email_of(const Flow& flow, std::size_t item);
std::string full_name_of(const Flow& flow, std::size_t item);
std::string national_number_of(const Flow& flow, std::size_t item);

/// "2026-03-04T12:01:44.0000000+03:00"
std::string istanbul_time(microseconds wall, bool offset);

/// {"result":null,"error":...} with `error` as JSON.
std::string error_envelope(std::string_view error);

/// What ApiVerifySignaturesPades says of one signature.
std::string write_verification(const std::string& name, const std::string& number, std::string_view summary);

}  // namespace signwatch::simulator::signhub
