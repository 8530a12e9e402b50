-- The record of signwatch on SQLite: what is polled, what was found, what became of it, and what must be published.
--
-- Words      Enumerations stand here as the words of core/domain/names.cpp.
-- Times      Integers: milliseconds since 1970 UTC. Columns marked (schedule) are on the schedule timeline, which never
--            jumps while the machine runs; all others are civil time.
-- To-do      What is to be done next stands in small clustered tables or partial indexes, apart from the wide rows:
--            taking the next thousand of ten million costs the same as of a thousand.
-- Personal data stands in status_update.documents, status_update.acknowledge_at (signing URLs), update_body.body and
--            unreadable.body alone; the file belongs to the daemon's user (0600).

-- One configured set of credentials at a provider.
CREATE TABLE account (
    id         INTEGER PRIMARY KEY,
    name       TEXT    NOT NULL UNIQUE,
    not_before INTEGER NOT NULL DEFAULT 0  -- (schedule) none of its watches is polled before this, whatever their due time
) STRICT;

-- One thing that is polled. Written once; when it is polled stands in due_watch.
CREATE TABLE watch (
    id            INTEGER PRIMARY KEY,
    account_id    INTEGER NOT NULL REFERENCES account (id),
    kind          TEXT    NOT NULL,        -- queue, process, sweep
    target        TEXT    NOT NULL,        -- the provider's own word for the thing polled
    retired_until INTEGER,                 -- (schedule) null: it is polled; else no longer configured, and the permitted time it left behind
    UNIQUE (account_id, kind, target)
) STRICT;

-- When each watch that is polled is due, and what its provider remembers between two polls. A poll moves the row.
CREATE TABLE due_watch (
    account_id      INTEGER NOT NULL REFERENCES account (id),
    due_at          INTEGER NOT NULL,      -- (schedule) never before the provider permits it
    watch_id        INTEGER NOT NULL REFERENCES watch (id),
    errors          INTEGER NOT NULL DEFAULT 0,
    throttles       INTEGER NOT NULL DEFAULT 0,
    missing_headers INTEGER NOT NULL DEFAULT 0,
    last_polled_at  INTEGER,               -- (schedule)
    last_success_at INTEGER,               -- (schedule)
    PRIMARY KEY (account_id, due_at, watch_id)
) STRICT, WITHOUT ROWID;

-- One signing process at a provider, as the newest committed update left it. Never deleted.
CREATE TABLE process (
    id               INTEGER PRIMARY KEY,
    account_id       INTEGER NOT NULL REFERENCES account (id),
    process_id       TEXT    NOT NULL,     -- the provider's id
    provider         TEXT    NOT NULL,
    correlation_id   TEXT    NOT NULL,     -- the caller's id; until one is registered, the sender's reference at the provider
    state            TEXT    NOT NULL DEFAULT 'created',
    sequence         INTEGER NOT NULL DEFAULT 0,  -- of its newest event: gap-free from 1
    newest_committed INTEGER NOT NULL DEFAULT 0,  -- the update that the state comes from; 0: none yet
    participants     TEXT    NOT NULL DEFAULT '[]',
    first_seen_at    INTEGER NOT NULL,
    updated_at       INTEGER NOT NULL,
    UNIQUE (account_id, process_id)
) STRICT;
CREATE INDEX process_correlation ON process (correlation_id);

-- One status update on its way down the line. A redelivery has the same fingerprint and refreshes the row.
CREATE TABLE status_update (
    id                   INTEGER PRIMARY KEY,
    process_id           INTEGER NOT NULL REFERENCES process (id),
    account_id           INTEGER NOT NULL REFERENCES account (id),
    watch_id             INTEGER NOT NULL,  -- 0: it came by no watch
    fingerprint          TEXT    NOT NULL,
    reference            TEXT    NOT NULL,
    state                TEXT    NOT NULL,
    provider_status      TEXT    NOT NULL,
    reason_code          TEXT,
    reason_participant   TEXT,
    changed_at           INTEGER,           -- by the provider's clock
    participants         TEXT    NOT NULL,  -- JSON: ref, order, state, providerStatus, actedAt
    documents            TEXT    NOT NULL,  -- JSON: kind, participant, locator
    acknowledge_at       TEXT    NOT NULL,  -- empty: the provider expects no acknowledgement
    hold                 INTEGER NOT NULL,  -- 1: never acknowledge
    stage                TEXT    NOT NULL,  -- received -> committed -> acknowledged, or parked
    acknowledgement      TEXT    NOT NULL,  -- pending, done, assumed, left, none
    attempts             INTEGER NOT NULL,  -- starts of the line, counted before the work
    acknowledge_attempts INTEGER NOT NULL DEFAULT 0,  -- counted before each is sent
    last_code            TEXT    NOT NULL DEFAULT '',
    delivered_at         INTEGER NOT NULL,  -- (schedule) when the provider last offered it
    committed_at         INTEGER,
    -- Unfinished updates, and only they, have a next attempt (schedule). `waiting`: an older update of the process is still at
    -- stage received, so this one's turn has not come.
    next_attempt_at      INTEGER,
    waiting              INTEGER NOT NULL,
    UNIQUE (process_id, fingerprint)
) STRICT;
CREATE INDEX unfinished_update ON status_update (account_id, waiting, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX parked_update ON status_update (account_id, process_id) WHERE stage = 'parked';

-- The body of an update as it came; removed some time after the update is finished.
CREATE TABLE update_body (
    update_id INTEGER PRIMARY KEY REFERENCES status_update (id),
    body      BLOB NOT NULL
) STRICT;

-- Bodies that could not be read as an update.
CREATE TABLE unreadable (
    id         INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL REFERENCES account (id),
    code       TEXT    NOT NULL,
    body       BLOB    NOT NULL,
    at         INTEGER NOT NULL
) STRICT;

-- Documents that are durable in the document store. Never deleted.
CREATE TABLE document (
    id           INTEGER PRIMARY KEY,
    process_id   INTEGER NOT NULL REFERENCES process (id),
    update_id    INTEGER NOT NULL REFERENCES status_update (id),
    kind         TEXT    NOT NULL,
    participant  INTEGER NOT NULL,         -- order of the signer it belongs to; 0: the whole process
    sha256       TEXT    NOT NULL,
    size         INTEGER NOT NULL,
    media_type   TEXT    NOT NULL,
    uri          TEXT    NOT NULL,
    verification TEXT    NOT NULL,
    stored_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX document_of_process ON document (process_id);

-- What people read as the history of a process: the historyEntry of each of its events.
CREATE TABLE history (
    id          INTEGER PRIMARY KEY,
    process_id  INTEGER NOT NULL REFERENCES process (id),
    at          INTEGER NOT NULL,
    action      TEXT    NOT NULL,
    actor       TEXT    NOT NULL,
    description TEXT    NOT NULL
) STRICT;
CREATE INDEX history_of_process ON history (process_id);

-- Events as they are published. Written once; where each stands in the stream is in outbox.
CREATE TABLE event (
    id            INTEGER PRIMARY KEY,
    update_id     INTEGER NOT NULL REFERENCES status_update (id),
    event_id      TEXT    NOT NULL,        -- idempotency key for consumers
    type          TEXT    NOT NULL,
    partition_key TEXT    NOT NULL,
    sequence      INTEGER NOT NULL,
    json          TEXT    NOT NULL
) STRICT;

-- The place of each event in the stream: the entry id it is or will be published under.
CREATE TABLE outbox (
    event        INTEGER PRIMARY KEY REFERENCES event (id),
    entry_ms     INTEGER NOT NULL,
    entry_n      INTEGER NOT NULL,
    published_at INTEGER
) STRICT;
CREATE UNIQUE INDEX outbox_entry ON outbox (entry_ms, entry_n);
CREATE INDEX outbox_unpublished ON outbox (entry_ms, entry_n) WHERE published_at IS NULL;

-- One row: the last entry id given to an event, and the highest that was ever published.
CREATE TABLE stream_position (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    given_ms     INTEGER NOT NULL,
    given_n      INTEGER NOT NULL,
    published_ms INTEGER NOT NULL,
    published_n  INTEGER NOT NULL
) STRICT;
INSERT INTO stream_position VALUES (1, 0, 0, 0, 0);

-- Small values kept for the daemon: installation key, schedule anchor.
CREATE TABLE remembered (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row that is written to prove that the store can commit.
CREATE TABLE probe (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    writes INTEGER NOT NULL
) STRICT;
INSERT INTO probe VALUES (1, 0);
