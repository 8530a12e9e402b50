-- Notifications of webhooks, hints, sweeps; what must not be asked again too soon.

-- A notification as its provider sent it, durable before the provider is answered. The row outlives its body, so that a repeat is known.
CREATE TABLE notification (
    id          INTEGER PRIMARY KEY,
    account_id  INTEGER NOT NULL REFERENCES account (id),
    dedup_key   TEXT    NOT NULL,          -- which of the account's notifications it is
    received_at INTEGER NOT NULL,
    due_at      INTEGER,                   -- (schedule) null: finished, or set aside; 0: queued; else taken, and not given again before this
    attempts    INTEGER NOT NULL DEFAULT 0, -- how often it was taken, counted before the work
    set_aside   TEXT,                      -- why nobody will ever understand it; null: it was not
    UNIQUE (account_id, dedup_key)
) STRICT;
CREATE INDEX queued_notification ON notification (account_id, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX notification_aside ON notification (id) WHERE set_aside IS NOT NULL;

-- Its body: personal data may stand in it. Removed when the notification is finished.
CREATE TABLE notification_body (
    notification_id INTEGER PRIMARY KEY REFERENCES notification (id),
    body            BLOB NOT NULL
) STRICT;

-- What is noted about a watch now and then, apart from the rows that every claim reads.
CREATE TABLE watch_note (
    watch_id INTEGER PRIMARY KEY REFERENCES watch (id),
    bookmark BLOB NOT NULL DEFAULT x'',    -- the provider's own, from the last poll
    token    TEXT NOT NULL DEFAULT ''      -- of the last hint: the same again is no news
) STRICT;

-- Watches of accounts with a repeat gap: not looked at before this, hurried or not.
CREATE TABLE repeat_gap (
    watch_id INTEGER PRIMARY KEY REFERENCES watch (id),
    until    INTEGER NOT NULL              -- (schedule)
) STRICT;

ALTER TABLE hurried_watch ADD COLUMN via TEXT NOT NULL DEFAULT 'poll';        -- webhook, sweep; poll: an order
ALTER TABLE hurried_watch ADD COLUMN said_ended INTEGER NOT NULL DEFAULT 0;   -- 1: the hint says that the process has ended
ALTER TABLE hurried_watch ADD COLUMN errors INTEGER NOT NULL DEFAULT 0;       -- hurried looks that failed in a row

ALTER TABLE status_update ADD COLUMN via TEXT NOT NULL DEFAULT 'poll';        -- what made us look
ALTER TABLE status_update ADD COLUMN retry_from INTEGER;                      -- (schedule) of a parked one: no earlier attempt, even by order
