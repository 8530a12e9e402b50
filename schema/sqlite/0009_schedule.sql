-- A settlement takes its row out of due_watch and puts it back elsewhere: nothing else is to be looked up for that.

-- account.watches counts the watches that are scheduled and do not rest, which their own rows say: no trigger on due_watch.
DROP TRIGGER watch_scheduled;
DROP TRIGGER watch_unscheduled;
DROP TRIGGER watch_rested;
DROP TRIGGER watch_woken;
CREATE TRIGGER watch_counted AFTER UPDATE OF rests, scheduled ON watch
WHEN (OLD.rests = '' AND OLD.scheduled = 1) <> (NEW.rests = '' AND NEW.scheduled = 1) BEGIN
    UPDATE account SET watches = watches + IIF(OLD.rests = '' AND OLD.scheduled = 1, -1, 1) WHERE id = NEW.account_id;
END;

-- As it was, but that no account is looked up for each row, and with all that a look needs: a claim reads neighbouring rows here instead of
-- one row of `watch` for each, at random.
CREATE TABLE new_due_watch (
    account_id      INTEGER NOT NULL,
    due_at          INTEGER NOT NULL,      -- (schedule) never before the provider permits it
    watch_id        INTEGER NOT NULL,
    errors          INTEGER NOT NULL DEFAULT 0,
    throttles       INTEGER NOT NULL DEFAULT 0,
    missing_headers INTEGER NOT NULL DEFAULT 0,
    last_polled_at  INTEGER,               -- (schedule)
    last_success_at INTEGER,               -- (schedule)
    attempts        INTEGER NOT NULL DEFAULT 0, -- looks begun and not ended yet
    -- As in `watch`, which is right where changed_watch says that it has changed since.
    kind            TEXT    NOT NULL,
    target          TEXT    NOT NULL,
    seen            TEXT    NOT NULL,
    interval_ms     INTEGER,
    since           INTEGER NOT NULL,
    PRIMARY KEY (account_id, due_at, watch_id)
) STRICT, WITHOUT ROWID;
INSERT INTO new_due_watch SELECT d.*, w.kind, w.target, w.seen, w.interval_ms, w.since FROM due_watch d
    JOIN watch w ON w.id = d.watch_id ORDER BY d.account_id, d.due_at, d.watch_id;
DROP TABLE due_watch;
ALTER TABLE new_due_watch RENAME TO due_watch;

-- Scheduled watches that are not as their row in due_watch says, or that rest; how often they have changed since.
CREATE TABLE changed_watch (
    watch_id INTEGER PRIMARY KEY,
    changes  INTEGER NOT NULL
) STRICT;
INSERT INTO changed_watch SELECT id, 1 FROM watch WHERE rests <> '' AND scheduled = 1;
CREATE TRIGGER watch_changed AFTER UPDATE OF rests, seen, interval_ms, since ON watch
WHEN NEW.scheduled = 1 AND (OLD.rests <> NEW.rests OR OLD.seen <> NEW.seen OR OLD.interval_ms IS NOT NEW.interval_ms
                            OR OLD.since <> NEW.since) BEGIN
    INSERT INTO changed_watch VALUES (NEW.id, 1) ON CONFLICT (watch_id) DO UPDATE SET changes = changes + 1;
END;

UPDATE account SET watches = (SELECT COUNT(*) FROM due_watch d JOIN watch w ON w.id = d.watch_id
                              WHERE d.account_id = account.id AND w.rests = '');
