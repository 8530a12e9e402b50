-- A record that moves to another store says so, and nothing is written into it from then on.

-- One row while it is on its way, and for good when it has gone; none: it stays.
CREATE TABLE departure (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    move   TEXT    NOT NULL,               -- which move it is: the target knows it by the same
    target TEXT    NOT NULL,               -- where to, for people
    moved  INTEGER NOT NULL DEFAULT 0,     -- 1: everything is there, and this record is history
    since  INTEGER NOT NULL
) STRICT;
