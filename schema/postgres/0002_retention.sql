-- Processes leave the record some time after they have ended, and their documents stay known.

-- Found by these when they are to leave, oldest first.
CREATE INDEX ended_process ON process (updated_at, id) WHERE state NOT IN ('created', 'in_progress', 'unknown');
CREATE INDEX removed_watch ON watch (id) WHERE rests = 'removed';
-- Whoever names a row that leaves is looked up by these.
CREATE INDEX process_of_watch ON process (watch_id) WHERE watch_id IS NOT NULL;
CREATE INDEX document_of_update ON document (update_id);
CREATE INDEX event_of_update ON event (update_id);

-- Documents that are durable in the document store, and that no process names any more.
CREATE TABLE unowned_document (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256 text   NOT NULL UNIQUE,
    size   bigint NOT NULL,
    since  bigint NOT NULL
);
