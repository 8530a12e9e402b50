#include "core/state/shared/commit_rules.hpp"

namespace signwatch::state {

bool changes_state(const CommitRow& row) {
    return row.id > row.newest_committed &&
           (is_terminal(row.state) || !is_terminal(row.process_state) || row.own_watch);
}

bool is_quiet(const CommitRow& row) {
    if (row.local_deadline) return is_terminal(row.process_state) || row.deadline_reported;
    return row.deadline_reported && (!is_terminal(row.state) || row.state == ProcessState::expired);
}

}  // namespace signwatch::state
