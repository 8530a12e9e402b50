-- Processes leave the record some time after they have ended, and their documents stay known. A claim moves no row.

-- Found by these when they are to leave, oldest first.
CREATE INDEX ended_process ON process (updated_at) WHERE state NOT IN ('created', 'in_progress', 'unknown');
CREATE INDEX removed_watch ON watch (id) WHERE rests = 'removed';
-- Whoever names a row that leaves is looked up by these.
CREATE INDEX process_of_watch ON process (watch_id) WHERE watch_id IS NOT NULL;
CREATE INDEX document_of_update ON document (update_id);
CREATE INDEX event_of_update ON event (update_id);

-- Documents that are durable in the document store, and that no process names any more.
CREATE TABLE unowned_document (
    id     INTEGER PRIMARY KEY,
    sha256 TEXT    NOT NULL UNIQUE,
    size   INTEGER NOT NULL,
    since  INTEGER NOT NULL
) STRICT;

-- As they were, but that nobody looks for rows of theirs when a watch or a process leaves: they are gone before.
CREATE TABLE new_due_watch (
    account_id      INTEGER NOT NULL REFERENCES account (id),
    due_at          INTEGER NOT NULL,      -- (schedule) never before the provider permits it
    watch_id        INTEGER NOT NULL,
    errors          INTEGER NOT NULL DEFAULT 0,
    throttles       INTEGER NOT NULL DEFAULT 0,
    missing_headers INTEGER NOT NULL DEFAULT 0,
    last_polled_at  INTEGER,               -- (schedule)
    last_success_at INTEGER,               -- (schedule)
    attempts        INTEGER NOT NULL DEFAULT 0, -- looks begun and not ended yet
    PRIMARY KEY (account_id, due_at, watch_id)
) STRICT, WITHOUT ROWID;
INSERT INTO new_due_watch SELECT * FROM due_watch ORDER BY account_id, due_at, watch_id;
DROP TABLE due_watch;
ALTER TABLE new_due_watch RENAME TO due_watch;
CREATE TRIGGER watch_scheduled AFTER INSERT ON due_watch
WHEN (SELECT rests FROM watch WHERE id = NEW.watch_id) = '' BEGIN
    UPDATE account SET watches = watches + 1 WHERE id = NEW.account_id;
END;
CREATE TRIGGER watch_unscheduled AFTER DELETE ON due_watch
WHEN (SELECT rests FROM watch WHERE id = OLD.watch_id) = '' BEGIN
    UPDATE account SET watches = watches - 1 WHERE id = OLD.account_id;
END;

CREATE TABLE new_deadline (
    account_id INTEGER NOT NULL REFERENCES account (id),
    due_at     INTEGER NOT NULL,
    process_id INTEGER NOT NULL,
    PRIMARY KEY (account_id, due_at, process_id)
) STRICT, WITHOUT ROWID;
INSERT INTO new_deadline SELECT * FROM deadline;
DROP TABLE deadline;
ALTER TABLE new_deadline RENAME TO deadline;

-- A claim marks the beginning of the account's schedule, up to a place in due_watch: what stands there is under way. (schedule)
ALTER TABLE account ADD COLUMN claimed_due_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN claimed_watch  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account ADD COLUMN claimed_until  INTEGER NOT NULL DEFAULT 0; -- none of these is looked at again before this

-- How many there are: counting millions takes too long.
CREATE TABLE row_count (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    processes INTEGER NOT NULL,
    documents INTEGER NOT NULL
) STRICT;
INSERT INTO row_count SELECT 1, (SELECT COUNT(*) FROM process), (SELECT COUNT(*) FROM document);
CREATE TRIGGER process_came AFTER INSERT ON process BEGIN UPDATE row_count SET processes = processes + 1; END;
CREATE TRIGGER process_left AFTER DELETE ON process BEGIN UPDATE row_count SET processes = processes - 1; END;
CREATE TRIGGER document_came AFTER INSERT ON document BEGIN UPDATE row_count SET documents = documents + 1; END;
CREATE TRIGGER document_left AFTER DELETE ON document BEGIN UPDATE row_count SET documents = documents - 1; END;

-- `incomplete` alone: the provider has to be asked again for the rest.
ALTER TABLE status_update ADD COLUMN fetched_before INTEGER NOT NULL DEFAULT 0; -- 1: committed once, and its documents are being fetched again
UPDATE status_update SET fetched_before = incomplete / 2, incomplete = incomplete % 2 WHERE incomplete >= 2;
