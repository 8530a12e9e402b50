#pragma once

#include <string>
#include <vector>

#include "tests/contract/audit_contract.hpp"

namespace signwatch::testing {

/// How every record must forget. Instantiate beside StateStoreContract.
class RetentionContract : public AuditContract {
protected:
    /// Everything published, and the events gone as they are after a while.
    void publish_all(WallTime now) {
        std::vector<std::int64_t> rows;
        for (const OutboxEvent& event : outbox(10'000))
            rows.push_back(event.row);
        wait(store().mark_published(rows, now));
        wait(store().prune(now + std::chrono::seconds{1}));
    }
    std::size_t prune(WallTime before) {
        std::size_t left = 0;
        PrunedProcesses step;
        while (!step.all_seen) {
            step = wait(store().prune_processes({before, before, at(100'000)}));
            left += step.processes;
        }
        return left;
    }
    UpdateId finished(const std::string& process, const std::string& content, WallTime now) {
        const UpdateId id = record(make_update(process, "f-" + content, ProcessState::completed), now).id;
        commit_with(id, {document_of(content)}, now);
        begin(id, now);
        end(id, AcknowledgeResult::done);
        return id;
    }
    bool known(const std::string& process) { return view().process("acme", process).has_value(); }
    std::vector<std::string> unowned(WallTime before = at(200'000)) {
        return wait(store().unowned_documents(before, 100));
    }
    static std::string hash_of(const std::string& content) { return document_of(content).digest.sha256; }
};

}  // namespace signwatch::testing
