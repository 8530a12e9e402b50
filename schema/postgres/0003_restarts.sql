-- Processes that go on after their end.

ALTER TABLE hurried_watch ADD COLUMN said_restarted boolean NOT NULL DEFAULT false; -- the hint says that the process goes on after its end
