-- A record that comes from another store, and how far it has come.

-- One row: the latest move to this database. As long as it is 'filling', nobody may work on what is here.
CREATE TABLE arrival (
    id       integer PRIMARY KEY CHECK (id = 1),
    move     text        NOT NULL,            -- which move it is: the source knows it by the same
    source   text        NOT NULL,            -- where from, for people
    state    text        NOT NULL,            -- filling; released: it is complete and at work; abandoned: taken back, and nothing is here
    begun_at timestamptz NOT NULL
);

-- How far each table is there; written in the transaction that brings its rows.
CREATE TABLE arrived_rows (
    name text PRIMARY KEY,                    -- of the table
    last text   NOT NULL,                     -- JSON: the key of the last row
    rows bigint NOT NULL
);
