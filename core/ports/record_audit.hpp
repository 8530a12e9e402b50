#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/domain/document.hpp"
#include "core/domain/status_update.hpp"
#include "core/domain/watch.hpp"

namespace signwatch {

/// A row that says a document is stored. Of one whose process has left the record (Retention) only the digest is known:
/// its `update` is 0.
struct DocumentClaim {
    std::int64_t row = 0;
    ProviderKind provider = ProviderKind::posten;
    std::string account;
    std::string process_id;
    UpdateId update = 0;
    Stage stage = Stage::received;  ///< of that update
    std::string acknowledgement;    ///< of that update: pending, done, assumed, left, none
    DocumentKind kind = DocumentKind::pades;
    int participant = 0;
    int part = 0;
    DocumentDigest digest;
};

enum class UpdateFault {
    documents_lacking,  ///< committed or further, but a document that it names has no row
    documents_none,     ///< committed or further, completed, and its process has no document at all
    stopped,            ///< unfinished, and it will never be taken up: no next attempt, or waiting for nothing
    overdue,            ///< unfinished, and its next attempt was due before the given time
};

struct FaultyUpdate {
    UpdateId id = 0;
    ProviderKind provider = ProviderKind::posten;
    std::string account;
    std::string process_id;
    Stage stage = Stage::received;
    std::string acknowledgement;
    UpdateFault fault = UpdateFault::stopped;
};

/// A watch, and where it stands in the schedule if it does.
struct PlacedWatch {
    WatchId id = 0;
    WatchKey key;
    WallTime due_at{};  ///< the row's own, whatever the account waits for
};

struct LostProcess {
    ProviderKind provider = ProviderKind::posten;
    std::string account;
    std::string process_id;
    bool had_watch = false;  ///< its watch has ended; false: it never got one
};

/// What was found among `span` row ids; the next page begins after `next`.
template <typename Row>
struct AuditPage {
    std::vector<Row> rows;
    std::int64_t next = 0;
    bool last = false;  ///< there are no rows behind `next`
};

/// How reconciliation reads the record: page by page, by key, each page one consistent look, so that neither memory nor
/// a long read grows with the record. Part of every StateView; same errors, same thread.
class RecordAudit {
public:
    virtual ~RecordAudit() = default;

    /// Rows of documents behind (`sha256`, `row`), by rising hash and row; what no process names any more has row 0.
    virtual std::vector<DocumentClaim> document_claims(const std::string& sha256,
                                                       std::int64_t row,
                                                       std::size_t limit) = 0;
    /// Whether any row says that this document is stored.
    virtual bool claims_document(const std::string& sha256) = 0;

    /// Updates with something wrong. `overdue_before`: schedule timeline.
    virtual AuditPage<FaultyUpdate> faulty_updates(UpdateId after, std::size_t span, WallTime overdue_before) = 0;

    /// Watches that should be looked at, and have no place in the schedule.
    virtual AuditPage<PlacedWatch> unscheduled_watches(WatchId after, std::size_t span) = 0;

    /// Watches of the account that do not rest, in the order of the schedule, behind (`due_at`, `watch`) and due before
    /// `before`; none while the account as a whole has to wait that long.
    virtual std::vector<PlacedWatch> scheduled_watches(
        const std::string& account, WallTime due_at, WatchId watch, WallTime before, std::size_t limit) = 0;

    /// Registered processes that have not ended, and that nothing looks at any more though nobody ordered it: no update
    /// of theirs is on its way or parked, and they have no watch, or one that has ended. `after`: row ids of processes.
    virtual AuditPage<LostProcess> lost_processes(std::int64_t after, std::size_t span) = 0;
};

}  // namespace signwatch
