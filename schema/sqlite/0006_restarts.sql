-- Processes that go on after their end.

ALTER TABLE hurried_watch ADD COLUMN said_restarted INTEGER NOT NULL DEFAULT 0; -- 1: the hint says that the process goes on after its end
