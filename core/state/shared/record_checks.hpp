#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "core/domain/names.hpp"
#include "core/ports/record_audit.hpp"

/// What RecordAudit reads, in words that SQLite and PostgreSQL both understand; see record_lists.hpp.
namespace signwatch::state {

template <typename Rows>
ProviderKind read_provider(const Rows& rows, int column) {
    return from_name<ProviderKind>(rows.text(column)).value_or(ProviderKind::posten);
}

template <typename Rows>
WatchKey read_key(const Rows& rows, int column) {
    const WatchKind kind = from_name<WatchKind>(rows.text(column + 1)).value_or(WatchKind::queue);
    return {rows.text(column), kind, rows.text(column + 2)};
}

/// The faults are numbered as in UpdateFault.
template <typename Rows>
FaultyUpdate read_fault(const Rows& rows) {
    return {rows.integer(0),
            read_provider(rows, 1),
            rows.text(2),
            rows.text(3),
            from_name<Stage>(rows.text(4)).value_or(Stage::received),
            rows.text(5),
            static_cast<UpdateFault>(rows.small(6))};
}

/// `last_id`: a statement that gives the highest row id there is.
template <typename Row, typename Database>
AuditPage<Row> page_after(Database& database, const char* last_id, std::int64_t after, std::size_t span) {
    auto rows = database.query(last_id);
    AuditPage<Row> page;
    page.next = after + static_cast<std::int64_t>(span);
    page.last = !rows.next() || rows.integer(0) <= page.next;
    return page;
}

/// What no process names any more.
template <typename Database>
std::vector<DocumentClaim> unowned_claims(Database& database, const std::string& sha256, std::size_t limit) {
    std::vector<DocumentClaim> claims;
    auto rows = database.query(
        "SELECT sha256, size FROM unowned_document WHERE sha256 > $1 ORDER BY sha256 LIMIT $2", sha256, limit);
    while (rows.next())
        claims.emplace_back().digest = {rows.text(0), static_cast<std::uint64_t>(rows.integer(1))};
    return claims;
}

template <typename Database>
std::vector<DocumentClaim> document_claims(Database& database,
                                           const std::string& sha256,
                                           std::int64_t row,
                                           std::size_t limit) {
    std::vector<DocumentClaim> claims;
    auto rows = database.query(
        "SELECT d.id, p.provider, a.name, p.process_id, d.update_id, u.acknowledgement, d.kind, d.participant, d.part,"
        " d.sha256, d.size, u.stage FROM document d JOIN process p ON p.id = d.process_id JOIN account a ON a.id = "
        "p.account_id"
        " JOIN status_update u ON u.id = d.update_id"
        " WHERE (d.sha256, d.id) > ($1, $2) ORDER BY d.sha256, d.id LIMIT $3",
        sha256,
        row,
        limit);
    while (rows.next()) {
        DocumentClaim& claim = claims.emplace_back();
        claim.row = rows.integer(0);
        claim.provider = read_provider(rows, 1);
        claim.account = rows.text(2);
        claim.process_id = rows.text(3);
        claim.update = rows.integer(4);
        claim.acknowledgement = rows.text(5);
        claim.kind = from_name<DocumentKind>(rows.text(6)).value_or(DocumentKind::pades);
        claim.participant = rows.small(7);
        claim.part = rows.small(8);
        claim.digest = {rows.text(9), static_cast<std::uint64_t>(rows.integer(10))};
        claim.stage = from_name<Stage>(rows.text(11)).value_or(Stage::received);
    }
    const auto place = [](const DocumentClaim& claim) { return std::tie(claim.digest.sha256, claim.row); };
    const std::vector<DocumentClaim> unowned = unowned_claims(database, sha256, limit);
    const auto owned = static_cast<std::ptrdiff_t>(claims.size());
    claims.insert(claims.end(), unowned.begin(), unowned.end());
    std::inplace_merge(claims.begin(), claims.begin() + owned, claims.end(), [&](const auto& one, const auto& other) {
        return place(one) < place(other);
    });
    claims.resize(std::min(claims.size(), limit));
    return claims;
}

template <typename Database>
bool claims_document(Database& database, const std::string& sha256) {
    auto rows = database.query(
        "SELECT 1 FROM document WHERE sha256 = $1 UNION ALL SELECT 1 FROM unowned_document WHERE sha256 = $1", sha256);
    return rows.next();
}

template <typename Database>
AuditPage<LostProcess> lost_processes(Database& database, std::int64_t after, std::size_t span) {
    auto page = page_after<LostProcess>(database, "SELECT MAX(id) FROM process", after, span);
    auto rows = database.query(
        "SELECT p.provider, a.name, p.process_id, w.id IS NOT NULL FROM process p JOIN account a ON a.id = p.account_id"
        " LEFT JOIN watch w ON w.id = p.watch_id WHERE p.id > $1 AND p.id <= $2 AND p.registered_at IS NOT NULL"
        " AND p.state IN ('created', 'in_progress', 'unknown') AND (w.id IS NULL OR w.rests = 'ended')"
        " AND NOT EXISTS (SELECT 1 FROM status_update u WHERE u.process_id = p.id"
        " AND (u.next_attempt_at IS NOT NULL OR u.stage = 'parked')) ORDER BY p.id",
        after,
        page.next);
    while (rows.next())
        page.rows.push_back({read_provider(rows, 0), rows.text(1), rows.text(2), rows.truth(3)});
    return page;
}

}  // namespace signwatch::state
