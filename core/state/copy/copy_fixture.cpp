#include "core/state/copy/copy_fixture.hpp"

#include <csignal>
#include <cstdio>
#include <sys/wait.h>
#include <unistd.h>

#include "core/domain/error.hpp"

namespace signwatch::copy::testing {
namespace {

// Text that a careless writer would break, numbers at the ends, bytes that are no text.
constexpr const char* rows = R"sql(
INSERT INTO account (id, name, not_before) VALUES (1, 'acme', 0), (7, 'rio "de" \janeiro', 1700000000000);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9000)
INSERT INTO watch (id, account_id, kind, target, rests, scheduled, seen, interval_ms, since)
SELECT i, 1 + 6 * (i % 2), 'process', 'p' || i, IIF(i % 100 = 0, 'ended', ''), 0, 'f' || i, IIF(i % 3 = 0, NULL, i), i FROM n;
INSERT INTO watch (id, account_id, kind, target, retired_until, scheduled) VALUES (9100, 1, 'queue', '', -5, 0);
UPDATE watch SET scheduled = 1 WHERE kind = 'process';
INSERT INTO due_watch (account_id, due_at, watch_id, errors, attempts, last_polled_at, kind, target, seen, interval_ms, since)
SELECT account_id, 1700000000000 + id % 50, id, id % 4, id % 2, IIF(id % 5 = 0, NULL, id), kind, target, seen, interval_ms, since
FROM watch WHERE scheduled = 1;
INSERT INTO hurried_watch (account_id, due_at, watch_id, via, said_ended, errors, said_restarted)
VALUES (1, 5, 2, 'webhook', 1, 3, 0), (7, 5, 1, 'poll', 0, 0, 1);
INSERT INTO early_hint VALUES (1, 'not yet', 5, 1), (7, 'nor this', 6, 0);
INSERT INTO watch_note VALUES (1, x'00ff5c0a09', 'token'), (2, x'', '');
INSERT INTO repeat_gap VALUES (1, 9223372036854775807);
INSERT INTO notification (id, account_id, dedup_key, received_at, due_at, attempts, set_aside) VALUES (1, 1, 'k', 1, 0, 0, NULL), (2, 7, 'k', 2, NULL, 5, 'not_json');
INSERT INTO notification_body VALUES (1, x'7b00');
INSERT INTO process (id, account_id, process_id, provider, correlation_id, state, sequence, newest_committed, participants,
    first_seen_at, updated_at, registered_at, watch_id, deadline_at, deadline_reported, labels)
SELECT id, account_id, target, 'signhub', 'c' || id, 'in_progress', 0, 0, '[]', id, id, id, id, IIF(id = 3, 77, NULL), id = 4, '[["a","b"]]'
FROM watch WHERE kind = 'process';
INSERT INTO process (id, account_id, process_id, provider, correlation_id, first_seen_at, updated_at) VALUES
    (20000, 1, 'tab	and
line \N {NULL} "quoted" æøå', 'posten', CAST(x'62c3' AS TEXT) || char(0) || 'x', 1, 2);
INSERT INTO deadline VALUES (7, 77, 3);
INSERT INTO status_update (id, process_id, account_id, watch_id, fingerprint, reference, state, provider_status, reason_code,
    changed_at, participants, documents, acknowledge_at, hold, incomplete, stage, acknowledgement, attempts, delivered_at, committed_at,
    next_attempt_at, waiting, via, retry_from) VALUES
    (1, 1, 7, 1, 'f', '', 'completed', 'RAW', NULL, NULL, '[]', '[{"kind":"pades"}]', 'https://x/?a=1\2', 0, 1, 'committed', 'pending', 1, 3, 4, 5, 0, 'poll', NULL),
    (2, 1, 7, 1, 'g', 'r', 'failed', '', 'declined', 9, '[]', '[]', '', 1, 0, 'parked', 'none', 9, 3, NULL, NULL, 1, 'sweep', 8);
INSERT INTO update_body VALUES (1, zeroblob(70000)), (2, x'80');
INSERT INTO unreadable VALUES (1, 7, 'xml', x'3c00ff', 1);
INSERT INTO document (id, process_id, update_id, kind, participant, sha256, size, media_type, uri, verification, stored_at, part)
    VALUES (5, 1, 1, 'pades', 0, 'abc', 9999999999, 'application/pdf', 'file:///x', 'valid', 1, 2);
INSERT INTO unowned_document VALUES (3, 'def', 1, 2);
INSERT INTO history VALUES (8, 1, 1, 'signed', 'somebody', 'ÆØÅ');
INSERT INTO event VALUES (4, 1, 'e-1', 't', 'posten/acme/c1', 1, '{"a":"\u0000"}'), (6, 1, 'e-2', 't', 'posten/acme/c1', 2, '{}');
INSERT INTO outbox VALUES (4, 1700000000000, 0, 3), (6, 1700000000000, 1, NULL);
UPDATE stream_position SET given_ms = 1700000000000, given_n = 1, published_ms = 1700000000000, published_n = 0;
INSERT INTO call_count VALUES ('acme', 'minute', 60000, 2), ('acme', 'day', 0, 2), ('rio', 'hour', 0, 3);
INSERT INTO remembered VALUES ('installation_key', 'secret'), ('odd', CAST(x'ff00c3' AS TEXT));
)sql";

const Error* caught(const std::function<void()>& action, std::unique_ptr<Error>& kept) {
    try {
        action();
    } catch (const Error& error) {
        kept = std::make_unique<Error>(error);
    }
    return kept.get();
}

}  // namespace

std::string code_of(const std::function<void()>& action) {
    std::unique_ptr<Error> kept;
    const Error* const error = caught(action, kept);
    return error == nullptr ? "no error" : std::string(name_of(error->kind())) + " " + error->code();
}

std::string words_of(const std::function<void()>& action) {
    std::unique_ptr<Error> kept;
    const Error* const error = caught(action, kept);
    return error == nullptr ? "" : error->what();
}

CopyTest::CopyTest() {
    server.host = signwatch::testing::shared_postgres().host();
    server.database = signwatch::testing::shared_postgres().make_database();
    server.lease = std::chrono::minutes{10};  // nobody beats here
    sqlite::migrate_schema(file);
    change_source(rows);
}

void CopyTest::move_and_die(MoveStep step, int count) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        try {
            move([step, left = count](const MoveProgress& progress) mutable {
                if (progress.step == step && --left == 0) ::raise(SIGKILL);
            });
        } catch (const std::exception& error) {
            ::dprintf(STDERR_FILENO, "%s\n", error.what());
            ::_exit(1);
        }
        ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "status " << status;
}

std::int64_t CopyTest::source_number(const std::string& statement) {
    sqlite::Database database(file, sqlite::Database::Mode::read_only);
    sqlite::Rows found = database.query(statement.c_str());
    return found.next() ? found.integer(0) : -1;
}

void CopyTest::change_source(const std::string& script) {
    sqlite::Database database(file, sqlite::Database::Mode::read_write);
    database.script("BEGIN;" + script + "; COMMIT");
}

}  // namespace signwatch::copy::testing
