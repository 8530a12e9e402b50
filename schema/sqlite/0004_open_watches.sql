-- account.watches counts what is still looked at. A watch that rests keeps its row in due_watch until that comes due, which may take
-- months where calls are few: as long as it counted, budgets kept calls in reserve for what had ended long ago.
DROP TRIGGER watch_scheduled;
DROP TRIGGER watch_unscheduled;

CREATE TRIGGER watch_scheduled AFTER INSERT ON due_watch
WHEN (SELECT rests FROM watch WHERE id = NEW.watch_id) = '' BEGIN
    UPDATE account SET watches = watches + 1 WHERE id = NEW.account_id;
END;
CREATE TRIGGER watch_unscheduled AFTER DELETE ON due_watch
WHEN (SELECT rests FROM watch WHERE id = OLD.watch_id) = '' BEGIN
    UPDATE account SET watches = watches - 1 WHERE id = OLD.account_id;
END;
CREATE TRIGGER watch_rested AFTER UPDATE OF rests ON watch
WHEN OLD.rests = '' AND NEW.rests <> '' AND NEW.scheduled = 1 BEGIN
    UPDATE account SET watches = watches - 1 WHERE id = NEW.account_id;
END;
CREATE TRIGGER watch_woken AFTER UPDATE OF rests ON watch
WHEN OLD.rests <> '' AND NEW.rests = '' AND NEW.scheduled = 1 BEGIN
    UPDATE account SET watches = watches + 1 WHERE id = NEW.account_id;
END;

UPDATE account SET watches = (SELECT COUNT(*) FROM due_watch d JOIN watch w ON w.id = d.watch_id
                              WHERE d.account_id = account.id AND w.rests = '');
