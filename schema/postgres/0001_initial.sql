-- The record of signwatch on PostgreSQL, for several daemons ("replicas") on one database. The same record as in
-- schema/sqlite, plus what a fleet needs: leases with fencing tokens, budgets and a timeline that all share.
--
-- Words      Enumerations stand here as the words of core/domain/names.cpp.
-- Times      bigint: milliseconds since 1970 UTC. Columns marked (schedule) are on the schedule timeline, all others are
--            civil time. Only leases use the database's own clock (timestamptz).
-- holder     The token of the replica that has a watch or an update in hand. Nobody else's effects pass while that replica
--            lives.
-- Personal data stands in status_update.documents, status_update.acknowledge_at (signing URLs), update_body.body,
-- unreadable.body and notification_body.body alone.

-- The living replicas. A row whose lease has ended is removed by whoever sees it, and only then is what it held free: an
-- effect keeps its row from being removed until its transaction has ended.
CREATE SEQUENCE fencing_token;
CREATE TABLE replica (
    token      bigint PRIMARY KEY DEFAULT nextval('fencing_token'),  -- never given twice, always higher than before
    name       text        NOT NULL,          -- host and process, for people
    joined_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

-- What only one replica does at a time: "relay" publishes the outbox.
CREATE TABLE office (
    name   text PRIMARY KEY,
    holder bigint NOT NULL
);

-- The last transaction of each connection that writes: after a lost reply to COMMIT it tells whether that happened.
CREATE TABLE writer (
    id      uuid PRIMARY KEY,
    batch   bigint      NOT NULL,
    used_at timestamptz NOT NULL
);

-- One row: the schedule timeline is the database's clock plus this, and stays where it is when that clock is set.
CREATE TABLE timeline (
    id       integer PRIMARY KEY CHECK (id = 1),
    shift_ms bigint NOT NULL
);
INSERT INTO timeline VALUES (1, 0);

-- One configured set of credentials at a provider.
CREATE TABLE account (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text   NOT NULL UNIQUE,
    not_before bigint NOT NULL DEFAULT 0      -- (schedule) none of its watches is polled before this, whatever their due time
);

-- How many there are of what takes too long to count; the sum over the slots, so that replicas do not wait for each other.
CREATE TABLE tally (
    what       text    NOT NULL,              -- watch, process, document
    account_id bigint  NOT NULL,              -- 0: all together
    slot       integer NOT NULL,
    amount     bigint  NOT NULL,
    PRIMARY KEY (what, account_id, slot)
);

-- One thing that is polled. When it is polled stands in due_watch.
CREATE TABLE watch (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id    bigint NOT NULL REFERENCES account (id),
    kind          text   NOT NULL,            -- queue, process, sweep
    target        text   NOT NULL,            -- the provider's own word for the thing polled
    retired_until bigint,                     -- (schedule) null: it is polled; else no longer configured, and the permitted time it left behind
    rests         text   NOT NULL DEFAULT '', -- '': it is looked at; else ended, paused, removed, parked
    seen          text   NOT NULL DEFAULT '', -- fingerprint of the newest update recorded from it
    interval_ms   bigint,                     -- asked for at registration
    since         bigint NOT NULL DEFAULT 0,  -- (schedule) when it was registered
    UNIQUE (account_id, kind, target)
);
CREATE INDEX parked_watch ON watch (account_id, target) WHERE rests = 'parked';

-- When each watch that is polled is due: narrow, because every poll moves its row. A watch that rests keeps its row until
-- that comes due, and loses it then.
CREATE TABLE due_watch (
    watch_id        bigint PRIMARY KEY REFERENCES watch (id),
    account_id      bigint  NOT NULL,
    due_at          bigint  NOT NULL,         -- (schedule) never before the provider permits it
    holder          bigint,                   -- who polls it now
    errors          integer NOT NULL DEFAULT 0,
    throttles       integer NOT NULL DEFAULT 0,
    missing_headers integer NOT NULL DEFAULT 0,
    attempts        integer NOT NULL DEFAULT 0,  -- looks begun and not ended yet
    last_polled_at  bigint,                   -- (schedule)
    last_success_at bigint                    -- (schedule)
) WITH (fillfactor = 80);
CREATE INDEX due_watch_next ON due_watch (account_id, due_at, watch_id);

-- Looks out of turn, by a hint or an order. The regular row in due_watch stays where it is.
CREATE TABLE hurried_watch (
    watch_id      bigint PRIMARY KEY REFERENCES watch (id),
    account_id    bigint NOT NULL,
    due_at        bigint NOT NULL,            -- (schedule)
    claimed_until bigint,                     -- (schedule) due_at of the claim: a hint that came since has moved due_at away from it
    holder        bigint,                     -- who looks now
    put_off       boolean NOT NULL DEFAULT false,  -- a hint that came during a look: due as soon as that is settled
    via           text    NOT NULL DEFAULT 'poll', -- webhook, sweep; poll: an order
    said_ended    boolean NOT NULL DEFAULT false,  -- the hint says that the process has ended
    errors        integer NOT NULL DEFAULT 0  -- hurried looks that failed in a row
);
CREATE INDEX hurried_watch_next ON hurried_watch (account_id, due_at, watch_id);

-- What is noted about a watch now and then, apart from the rows that every claim reads.
CREATE TABLE watch_note (
    watch_id bigint PRIMARY KEY REFERENCES watch (id),
    bookmark bytea NOT NULL DEFAULT '',       -- the provider's own, from the last poll
    token    text  NOT NULL DEFAULT ''        -- of the last hint: the same again is no news
);

-- Watches of accounts with a repeat gap: not looked at before this, hurried or not.
CREATE TABLE repeat_gap (
    watch_id bigint PRIMARY KEY REFERENCES watch (id),
    until    bigint NOT NULL                  -- (schedule)
);

-- A notification as its provider sent it, durable before the provider is answered. The row outlives its body, so that a
-- repeat is known.
CREATE TABLE notification (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  bigint  NOT NULL REFERENCES account (id),
    dedup_key   text    NOT NULL,             -- which of the account's notifications it is
    received_at bigint  NOT NULL,
    due_at      bigint,                       -- (schedule) null: finished, or set aside; 0: queued; else taken, and not given again before this
    attempts    integer NOT NULL DEFAULT 0,   -- how often it was taken, counted before the work
    set_aside   text,                         -- why nobody will ever understand it; null: it was not
    UNIQUE (account_id, dedup_key)
);
CREATE INDEX queued_notification ON notification (account_id, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX notification_aside ON notification (id) WHERE set_aside IS NOT NULL;

-- Its body: personal data may stand in it. Removed when the notification is finished.
CREATE TABLE notification_body (
    notification_id bigint PRIMARY KEY REFERENCES notification (id),
    body            bytea NOT NULL
);

-- One signing process at a provider, as the newest committed update left it. Never deleted.
CREATE TABLE process (
    id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id        bigint  NOT NULL REFERENCES account (id),
    process_id        text    NOT NULL,       -- the provider's id
    provider          text    NOT NULL,
    correlation_id    text    NOT NULL,       -- the caller's id; until one is registered, the sender's reference at the provider
    state             text    NOT NULL DEFAULT 'created',
    sequence          bigint  NOT NULL DEFAULT 0,  -- of its newest event: gap-free from 1
    newest_committed  bigint  NOT NULL DEFAULT 0,  -- the update that the state comes from; 0: none yet
    participants      text    NOT NULL DEFAULT '[]',
    first_seen_at     bigint  NOT NULL,
    updated_at        bigint  NOT NULL,
    registered_at     bigint,                 -- null: nobody has named it, its queue brought it
    watch_id          bigint REFERENCES watch (id),  -- null: a queue brings its updates
    deadline_at       bigint,                 -- the caller's own
    deadline_reported boolean NOT NULL DEFAULT false,  -- since then only its end is reported
    labels            text    NOT NULL DEFAULT '[]',  -- JSON: name, value
    UNIQUE (account_id, process_id)
);
CREATE INDEX process_correlation ON process (correlation_id);

-- Deadlines that have not been reported, of processes that have not ended.
CREATE TABLE deadline (
    process_id bigint PRIMARY KEY REFERENCES process (id),
    account_id bigint NOT NULL,
    due_at     bigint NOT NULL
);
CREATE INDEX deadline_next ON deadline (account_id, due_at, process_id);

-- One status update on its way down the line. A redelivery has the same fingerprint and refreshes the row.
CREATE TABLE status_update (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    process_id           bigint  NOT NULL REFERENCES process (id),
    account_id           bigint  NOT NULL,
    watch_id             bigint  NOT NULL,    -- 0: it came by no watch
    fingerprint          text    NOT NULL,
    reference            text    NOT NULL,
    state                text    NOT NULL,
    provider_status      text    NOT NULL,
    reason_code          text,
    reason_participant   text,
    changed_at           bigint,              -- by the provider's clock
    participants         text    NOT NULL,    -- JSON: ref, order, state, providerStatus, actedAt
    documents            text    NOT NULL,    -- JSON: kind, participant, locator
    acknowledge_at       text    NOT NULL,    -- empty: the provider expects no acknowledgement
    hold                 boolean NOT NULL,    -- never acknowledge
    incomplete           boolean NOT NULL,    -- the provider has to be asked again for the rest
    fetched_before       boolean NOT NULL DEFAULT false,  -- committed once, and its documents are being fetched again
    stage                text    NOT NULL,    -- received -> committed -> acknowledged, or parked
    acknowledgement      text    NOT NULL,    -- pending, done, assumed, left, none
    attempts             integer NOT NULL,    -- starts of the line, counted before the work
    acknowledge_attempts integer NOT NULL DEFAULT 0,  -- counted before each is sent
    last_code            text    NOT NULL DEFAULT '',
    delivered_at         bigint  NOT NULL,    -- (schedule) when the provider last offered it
    committed_at         bigint,
    -- Unfinished updates, and only they, have a next attempt (schedule). `waiting`: an older update of the process is still at
    -- stage received, so this one's turn has not come.
    next_attempt_at      bigint,
    waiting              boolean NOT NULL,
    holder               bigint,              -- whose line it is on
    via                  text    NOT NULL,    -- what made us look: poll, webhook, sweep
    retry_from           bigint,              -- (schedule) of a parked one: no earlier attempt, even by order
    UNIQUE (process_id, fingerprint)
);
CREATE INDEX unfinished_update ON status_update (account_id, waiting, next_attempt_at, id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX unfinished_of_watch ON status_update (watch_id) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX held_update ON status_update (holder) WHERE holder IS NOT NULL;
CREATE INDEX parked_update ON status_update (account_id, process_id) WHERE stage = 'parked';

-- The body of an update as it came; removed some time after the update is finished.
CREATE TABLE update_body (
    update_id bigint PRIMARY KEY REFERENCES status_update (id),
    body      bytea NOT NULL
);

-- Bodies that could not be read as an update.
CREATE TABLE unreadable (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id bigint NOT NULL REFERENCES account (id),
    code       text   NOT NULL,
    body       bytea  NOT NULL,
    at         bigint NOT NULL
);

-- Documents that are durable in the document store. Never deleted.
CREATE TABLE document (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    process_id   bigint  NOT NULL REFERENCES process (id),
    update_id    bigint  NOT NULL REFERENCES status_update (id),
    kind         text    NOT NULL,
    participant  integer NOT NULL,            -- order of the signer it belongs to; 0: the whole process
    part         integer NOT NULL,            -- which of several of its kind, from 1; 0: the only one
    sha256       text    NOT NULL,
    size         bigint  NOT NULL,
    media_type   text    NOT NULL,
    uri          text    NOT NULL,
    verification text    NOT NULL,
    stored_at    bigint  NOT NULL
);
CREATE INDEX document_of_process ON document (process_id);
CREATE INDEX document_bytes ON document (sha256, id);

-- What people read as the history of a process: the historyEntry of each of its events.
CREATE TABLE history (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    process_id  bigint NOT NULL REFERENCES process (id),
    at          bigint NOT NULL,
    action      text   NOT NULL,
    actor       text   NOT NULL,
    description text   NOT NULL
);
CREATE INDEX history_of_process ON history (process_id);

-- Events as they are published. Written once; where each stands in the stream is in outbox.
CREATE TABLE event (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    update_id     bigint NOT NULL REFERENCES status_update (id),
    event_id      text   NOT NULL,            -- idempotency key for consumers
    type          text   NOT NULL,
    partition_key text   NOT NULL,
    sequence      bigint NOT NULL,
    json          text   NOT NULL
);

-- The place of each event in the stream: the entry id it is or will be published under.
CREATE TABLE outbox (
    event        bigint PRIMARY KEY REFERENCES event (id),
    entry_ms     bigint NOT NULL,
    entry_n      bigint NOT NULL,
    published_at bigint
);
CREATE UNIQUE INDEX outbox_entry ON outbox (entry_ms, entry_n);
CREATE INDEX outbox_unpublished ON outbox (entry_ms, entry_n) WHERE published_at IS NULL;

-- One row: the last entry id given to an event, and the highest that was ever published. A transaction takes its entry ids
-- last of all and keeps the row until it ends, so that ids become visible in their order.
CREATE TABLE stream_position (
    id           integer PRIMARY KEY CHECK (id = 1),
    given_ms     bigint NOT NULL,
    given_n      bigint NOT NULL,
    published_ms bigint NOT NULL,
    published_n  bigint NOT NULL
);
INSERT INTO stream_position VALUES (1, 0, 0, 0, 0);

-- Calls made on each budget, by minute, hour and day: what a provider allows is counted over the time that has passed.
CREATE TABLE call_count (
    budget   text    NOT NULL,
    span     text    NOT NULL,                -- minute, hour, day
    begin_at bigint  NOT NULL,                -- (schedule)
    calls    integer NOT NULL,
    PRIMARY KEY (budget, span, begin_at)
);

-- What replicas share of a budget beside its counts. Its row is the lock under which a call is decided on.
CREATE TABLE call_budget (
    budget     text PRIMARY KEY,
    next_call  bigint   NOT NULL DEFAULT 0,   -- (schedule) the even gap
    last_look  bigint   NOT NULL DEFAULT 0,   -- (schedule)
    held_until bigint   NOT NULL DEFAULT 0,   -- (schedule) the provider has blocked us
    recent     text     NOT NULL DEFAULT '[]' -- JSON: (schedule) calls of the last minute, where there is a limit by the minute
);

-- Small values kept for the daemon: installation key, tokens of accounts.
CREATE TABLE remembered (
    name  text  PRIMARY KEY,
    value bytea NOT NULL
);

-- One row that is written to prove that the store can commit.
CREATE TABLE probe (
    id     integer PRIMARY KEY CHECK (id = 1),
    writes bigint NOT NULL
);
INSERT INTO probe VALUES (1, 0);
