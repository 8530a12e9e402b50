#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "core/domain/time.hpp"

namespace signwatch::pipeline {

/// When the line last asked about each process, of accounts whose provider forbids the same question too soon. Across
/// restarts the rows keep the gap (StateStore::resume_unfinished, CommitUpdate::repeat_from). Event-loop thread.
class RepeatGaps {
public:
    using Process = std::pair<std::string, std::string>;  ///< account, process id

    /// How long until the line may ask about it again; 0: now.
    milliseconds wait(const Process& process, WallTime now, milliseconds gap) const {
        const auto asked = asked_.find(process);
        return asked == asked_.end() ? milliseconds{0} : std::max(milliseconds{0}, asked->second + gap - now);
    }

    void asked(Process process, WallTime now, milliseconds gap) {
        if (now >= swept_ + gap) {
            std::erase_if(asked_, [&](const auto& each) { return each.second + longest_ <= now; });
            swept_ = now;
        }
        longest_ = std::max(longest_, gap);
        asked_[std::move(process)] = now;
    }

private:
    std::map<Process, WallTime> asked_;  ///< of the last gap or two
    WallTime swept_{};
    milliseconds longest_{};
};

}  // namespace signwatch::pipeline
