-- What webhooks hinted at before anybody had registered it.

CREATE TABLE early_hint (
    account_id INTEGER NOT NULL REFERENCES account (id),
    process_id TEXT    NOT NULL,           -- the provider's id
    came_at    INTEGER NOT NULL,           -- (schedule)
    said_ended INTEGER NOT NULL,           -- the hint says that the process has ended
    PRIMARY KEY (account_id, process_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX early_hint_age ON early_hint (account_id, came_at, process_id);
