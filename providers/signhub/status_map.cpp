#include "providers/signhub/status_map.hpp"

#include "core/domain/names.hpp"
#include "core/json/folding.hpp"

namespace signwatch::signhub {
namespace {

struct Word {
    std::int64_t number;
    const char* word;
};

constexpr Word flow_words[] = {
    {1, "Created"}, {2, "Draft"}, {3, "Running"}, {4, "Finished"}, {5, "Cancelled"}, {6, "FinishedWithDecline"}};
constexpr Word item_words[] = {{1, "Default"},
                               {10, "Waiting"},
                               {20, "OpenedPortal"},
                               {30, "ReadDocument"},
                               {40, "Finished"},
                               {50, "Declined"},
                               {60, "Passed"}};

std::string clean(std::string_view word) {
    std::string clean;
    for (const char c : word.substr(0, 64)) {
        const bool allowed = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
                             c == '.' || c == '-';
        clean += allowed ? c : '_';
    }
    return clean.empty() ? "UNSPECIFIED" : clean;
}

template <std::size_t count>
std::string word_of(const Code& status, const Word (&words)[count]) {
    for (const Word& known : words) {
        if (status.is(known.number)) return known.word;
    }
    return status.number ? std::to_string(*status.number) : clean(status.word);
}

}  // namespace

StatusMap::StatusMap()
    : states_{{1, ProcessState::created},
              {2, ProcessState::created},
              {3, ProcessState::in_progress},
              {4, ProcessState::completed},
              {5, ProcessState::cancelled},
              {6, ProcessState::rejected}} {}

std::string StatusMap::set(std::string_view line) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return "has no \"=\"";
    const auto number = flow_status_number(line.substr(0, equals));
    if (!number) return "does not begin with a number or a documented name";
    const auto state = from_name<ProcessState>(json::trimmed(line.substr(equals + 1)));
    if (!state) return "does not end with one of our states";
    states_[*number] = *state;
    return {};
}

ProcessState StatusMap::state_of(const Code& status) const {
    const auto found = status.number ? states_.find(*status.number) : states_.end();
    return found == states_.end() ? ProcessState::unknown : found->second;
}

ParticipantState participant_state(const Code& status) {
    switch (status.number.value_or(-1)) {
        case 1:
        case 10:
        case 20:
        case 30:
            return ParticipantState::waiting;
        case 40:
            return ParticipantState::completed;
        case 50:
            return ParticipantState::rejected;
        case 60:
            return ParticipantState::superseded;
        default:
            return ParticipantState::unknown;
    }
}

std::string flow_word(const Code& status) {
    return word_of(status, flow_words);
}

std::string item_word(const Code& status) {
    return word_of(status, item_words);
}

}  // namespace signwatch::signhub
