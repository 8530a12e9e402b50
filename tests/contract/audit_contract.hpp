#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/contract/processes_contract.hpp"

namespace signwatch::testing {

/// What every record must show to reconciliation, and let it mend. Instantiate beside StateStoreContract.
class AuditContract : public ProcessContract {
protected:
    static StoredDocument document_of(const std::string& content) {
        StoredDocument document;
        document.kind = DocumentKind::xades;
        document.participant = 1;
        document.digest = {content + std::string(64 - content.size(), '0'), 100};
        document.uri = "file:///objects/" + content;
        return document;
    }
    bool commit_with(UpdateId id, const std::vector<StoredDocument>& documents, WallTime now) {
        CommitUpdate request;
        request.id = id;
        request.documents = documents;
        request.compose = make_event();
        request.now = now;
        return wait(store().commit_update(request));
    }
    UpdateId commit_document(const std::string& process, const std::string& content) {
        const UpdateId id = record(make_update(process, "f1", ProcessState::completed), at(0)).id;
        commit_with(id, {document_of(content)}, at(0));
        return id;
    }
    std::vector<std::pair<UpdateId, UpdateFault>> faults(WallTime overdue_before = at(-1000)) {
        std::vector<std::pair<UpdateId, UpdateFault>> found;
        AuditPage<FaultyUpdate> page;
        while (!page.last) {
            page = view().faulty_updates(page.next, 3, overdue_before);
            for (const FaultyUpdate& each : page.rows)
                found.emplace_back(each.id, each.fault);
        }
        return found;
    }
    std::vector<std::string> unscheduled() {
        std::vector<std::string> targets;
        AuditPage<PlacedWatch> page;
        while (!page.last) {
            page = view().unscheduled_watches(page.next, 2);
            for (const PlacedWatch& each : page.rows)
                targets.push_back(each.key.target);
        }
        return targets;
    }
    std::vector<std::string> lost() {
        std::vector<std::string> processes;
        AuditPage<LostProcess> page;
        while (!page.last) {
            page = view().lost_processes(page.next, 2);
            for (const LostProcess& each : page.rows)
                processes.push_back(each.process_id);
        }
        return processes;
    }
};

}  // namespace signwatch::testing
