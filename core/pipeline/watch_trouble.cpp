#include "core/pipeline/watch_trouble.hpp"

namespace signwatch::pipeline {

bool is_in_vain(const Error& error) {
    return error.kind() == ErrorKind::permanent || error.kind() == ErrorKind::integrity;
}

bool is_the_account(const Error& error) {
    // That we may not call any more says nothing of how the provider fares.
    if (error.code() == "budget_spent") return false;
    return error.kind() == ErrorKind::transient || error.kind() == ErrorKind::unauthorized ||
           error.kind() == ErrorKind::throttled;
}

StatusUpdate parked_watch_notice(const Watch& watch, ProviderKind provider, const std::string& code) {
    StatusUpdate notice;
    notice.provider = provider;
    notice.account = watch.key.account;
    notice.process_id = watch.key.target;
    notice.state = ProcessState::unknown;
    notice.provider_status = "not looked at any more: " + code;
    // Distinct for each time it is parked, the same when it is recorded again after a crash.
    notice.fingerprint = "parked/" + code + "/" + std::to_string(to_unix_ms(watch.due_at));
    return notice;
}

}  // namespace signwatch::pipeline
