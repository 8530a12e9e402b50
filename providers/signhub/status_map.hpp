#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/domain/process.hpp"
#include "providers/signhub/wire.hpp"

namespace signwatch::signhub {

/// What the status of a flow means (adobe-signhub 2.3). Numbers that are not in it are unknown: such a flow is looked
/// at further.
class StatusMap {
public:
    /// As documented.
    StatusMap();

    /// "99=in_progress" or "Running=in_progress": what a number, or one of the documented names, means. An empty
    /// answer: done; else what is wrong with the line.
    std::string set(std::string_view line);

    ProcessState state_of(const Code& status) const;

private:
    std::map<std::int64_t, ProcessState> states_;
};

/// What the status of an item means (2.3).
ParticipantState participant_state(const Code& status);

/// The documented name of a flow status; a number we do not know as digits, another word cleaned: [A-Za-z0-9_.-], 1 to
/// 64 characters.
std::string flow_word(const Code& status);

/// The same for an item.
std::string item_word(const Code& status);

}  // namespace signwatch::signhub
