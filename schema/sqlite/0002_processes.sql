-- Processes that callers have named, each with its own look; budgets of calls.

-- Of the watch of a single process. A watch that rests keeps its row in due_watch until that comes due, and loses it then.
ALTER TABLE watch ADD COLUMN rests TEXT NOT NULL DEFAULT '';       -- '': it is looked at; else ended, paused, removed, parked
ALTER TABLE watch ADD COLUMN scheduled INTEGER NOT NULL DEFAULT 1; -- 1: it has a row in due_watch
UPDATE watch SET scheduled = 0 WHERE retired_until IS NOT NULL;
ALTER TABLE watch ADD COLUMN seen TEXT NOT NULL DEFAULT '';        -- fingerprint of the newest update recorded from it
ALTER TABLE watch ADD COLUMN interval_ms INTEGER;                  -- asked for at registration
ALTER TABLE watch ADD COLUMN since INTEGER NOT NULL DEFAULT 0;     -- (schedule) when it was registered

CREATE INDEX parked_watch ON watch (account_id, target) WHERE rests = 'parked';

-- Looks begun and not ended yet: one that ends the daemon itself each time must not do so for ever.
ALTER TABLE due_watch ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;

-- Looks out of turn, by a hint or an order. The regular row in due_watch stays where it is.
CREATE TABLE hurried_watch (
    account_id INTEGER NOT NULL REFERENCES account (id),
    due_at     INTEGER NOT NULL,           -- (schedule)
    watch_id   INTEGER NOT NULL REFERENCES watch (id),
    PRIMARY KEY (account_id, due_at, watch_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX hurried_once ON hurried_watch (watch_id);

ALTER TABLE process ADD COLUMN registered_at INTEGER;              -- null: nobody has named it, its queue brought it
ALTER TABLE process ADD COLUMN watch_id INTEGER REFERENCES watch (id); -- null: a queue brings its updates
ALTER TABLE process ADD COLUMN deadline_at INTEGER;                -- the caller's own
ALTER TABLE process ADD COLUMN deadline_reported INTEGER NOT NULL DEFAULT 0; -- 1: since then only its end is reported
ALTER TABLE process ADD COLUMN labels TEXT NOT NULL DEFAULT '[]';  -- JSON: name, value

-- Deadlines that have not been reported, of processes that have not ended.
CREATE TABLE deadline (
    account_id INTEGER NOT NULL REFERENCES account (id),
    due_at     INTEGER NOT NULL,
    process_id INTEGER NOT NULL REFERENCES process (id),
    PRIMARY KEY (account_id, due_at, process_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE status_update ADD COLUMN incomplete INTEGER NOT NULL DEFAULT 0; -- 1: the provider has to be asked again for the rest
ALTER TABLE document ADD COLUMN part INTEGER NOT NULL DEFAULT 0;   -- which of several of its kind, from 1; 0: the only one
CREATE INDEX document_bytes ON document (sha256);

-- Calls made on each budget, by minute, hour and day: what a provider allows is counted over the time that has passed.
CREATE TABLE call_count (
    budget   TEXT    NOT NULL,
    span     TEXT    NOT NULL,             -- minute, hour, day
    begin_at INTEGER NOT NULL,             -- (schedule)
    calls    INTEGER NOT NULL,
    PRIMARY KEY (budget, span, begin_at)
) STRICT, WITHOUT ROWID;

-- How many watches of the account stand in due_watch: counting ten million takes too long.
ALTER TABLE account ADD COLUMN watches INTEGER NOT NULL DEFAULT 0;
UPDATE account SET watches = (SELECT COUNT(*) FROM due_watch WHERE account_id = account.id);
CREATE TRIGGER watch_scheduled AFTER INSERT ON due_watch BEGIN
    UPDATE account SET watches = watches + 1 WHERE id = NEW.account_id;
END;
CREATE TRIGGER watch_unscheduled AFTER DELETE ON due_watch BEGIN
    UPDATE account SET watches = watches - 1 WHERE id = OLD.account_id;
END;
