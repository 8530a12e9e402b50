-- What webhooks hinted at before anybody had registered it.

CREATE TABLE early_hint (
    account_id bigint  NOT NULL REFERENCES account (id),
    process_id text    NOT NULL,           -- the provider's id
    came_at    bigint  NOT NULL,           -- (schedule)
    said_ended boolean NOT NULL,           -- the hint says that the process has ended
    PRIMARY KEY (account_id, process_id)
);
CREATE INDEX early_hint_age ON early_hint (account_id, came_at, process_id);
