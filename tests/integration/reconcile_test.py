#!/usr/bin/python3
"""Reconciliation on a real store, a real Redis and the SignHub simulator: every kind of damage is reported, repaired by the running
daemon under its budget, and gone afterwards; each event is told once."""
import hashlib
import json
import os
import pathlib
import sqlite3
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import Lab, wait_until  # noqa: E402

BINARIES = sys.argv.pop(1)

ACCOUNT = """
interval = "1h"
first_backoff = "1s"
longest_backoff = "2s"
calls_per_second = 50
calls_per_hour = 1000
"""
OFF = '[reconcile]\ninterval = "off"\n'
STREAM = "signwatch:events"


class ReconcileTest(unittest.TestCase):
    FLOWS = 6

    def setUp(self):
        self.lab = Lab(BINARIES)
        self.lab.__enter__()
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.addCleanup(self.show_log)

    def show_log(self):
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            self.lab.show_log()

    def start(self, top=OFF):
        """A daemon that has brought every flow home; all but one have ended."""
        lab = self.lab
        self.hub = lab.add_simulator("signhub", "--pdf-size", "20000", "--flows", str(self.FLOWS), "--changing", "100",
                                     "--mix", "finished=100", "--window", "1", "--step", "1")
        lab.write_accounts(self.hub.account("hub", ACCOUNT), top)
        lab.start_redis()
        lab.start_daemon()
        self.flows = [str(flow["flow"]) for flow in self.hub.control("GET", "/flows")["flows"]]
        time.sleep(3)  # every flow has ended by its first look
        for flow in self.flows:
            lab.cli("process", "add", "hub", flow, "--correlation-id", f"loan-{flow}", "--config", lab.config)
            lab.cli("process", "poll-now", "hub", flow, "--config", lab.config)
        wait_until(lambda: len(self.completed()) == self.FLOWS, 60, "every flow has come home")
        wait_until(lambda: not self.rows("SELECT 1 FROM outbox WHERE published_at IS NULL"), 10, "everything is marked published")
        self.assertEqual(self.reconcile()[0], 0)

    def completed(self):
        return {event["subject"] for _, event in self.lab.entries() if event["data"]["status"] == "completed"}

    def reconcile(self, *options):
        done = self.lab.cli("reconcile", "--config", self.lab.config, "--json", *options, check=False)
        self.assertIn(done.returncode, (0, 4, 5), done.stderr)
        return done.returncode, json.loads(done.stdout)

    def found(self, report):
        return {kind: tally["found"] for kind, tally in report["kinds"].items() if tally["found"]}

    def rows(self, sql, *values):
        with sqlite3.connect(self.lab.folder / "store" / "state.db", timeout=30) as database:
            return database.execute(sql, values).fetchall()

    def document_of(self, flow):
        uri, digest = self.rows(
            "SELECT d.uri, d.sha256 FROM document d JOIN process p ON p.id = d.process_id WHERE p.process_id = ?", flow)[0]
        return pathlib.Path(urllib.parse.urlparse(uri).path), digest

    def is_whole(self, flow):
        path, digest = self.document_of(flow)
        return path.exists() and hashlib.sha256(path.read_bytes()).hexdigest() == digest

    def expect(self, kind, count=1, remedies=("ordered", "done")):
        """Reported with exit code 5, mended with 0, and gone after a while."""
        code, report = self.reconcile()
        self.assertEqual((code, self.found(report)), (5, {kind: count}), json.dumps(report, indent=1))
        table = self.lab.cli("reconcile", "--config", self.lab.config, check=False)
        self.assertEqual(table.returncode, 5)
        self.assertIn(kind, table.stdout)
        code, report = self.reconcile("--repair")
        self.assertEqual((code, self.found(report)), (0, {kind: count}), json.dumps(report, indent=1))
        self.assertTrue(all(each["remedy"] in remedies for each in report["divergences"]))
        wait_until(lambda: self.reconcile()[0] == 0, 30, f"{kind} is mended")

    def events_are_told_once(self, more=0):
        events = [event for _, event in self.lab.entries()]
        self.assertEqual(len({event["id"] for event in events}), len(events))
        self.assertEqual(len(events), self.FLOWS + more)

    def test_damage_is_reported_repaired_and_gone(self):
        self.start()
        lab = self.lab
        first, second, third = self.flows[:3]
        before = self.hub.referee()

        with self.subTest("a document is deleted"):
            self.document_of(first)[0].unlink()
            self.expect("document_missing")
            self.assertTrue(self.is_whole(first))
        with self.subTest("a byte is flipped"):
            path = self.document_of(second)[0]
            os.chmod(path, 0o600)
            content = bytearray(path.read_bytes())
            content[100] ^= 1
            path.write_bytes(content)
            self.expect("document_corrupt")
            self.assertTrue(self.is_whole(second))
        with self.subTest("an orphan"):
            content = b"nobody's"
            digest = hashlib.sha256(content).hexdigest()
            orphan = lab.folder / "store" / "documents" / "objects" / digest[:2] / digest
            orphan.write_bytes(content)
            self.assertEqual(self.reconcile()[0], 0, "too young to be one")
            long_ago = time.time() - 2 * 86400
            os.utime(orphan, (long_ago, long_ago))
            self.expect("document_orphaned", remedies=("done",))
            self.assertFalse(orphan.exists())
        with self.subTest("a row of a document is gone"):
            self.rows("DELETE FROM document WHERE process_id = (SELECT id FROM process WHERE process_id = ?)", third)
            code, report = self.reconcile("--repair")
            self.assertEqual((code, self.found(report)), (0, {"document_lacking": 1}), json.dumps(report, indent=1))
            wait_until(lambda: self.reconcile()[0] == 0, 30, "the document has its row again")
            # Consumers were told of a completion whose document we had lost: they are told where it is now.
            wait_until(lambda: len(lab.entries()) == self.FLOWS + 1, 10, "told again")
            self.assertEqual(lab.entries()[-1][1]["sequence"], "2".rjust(20, "0"))
        with self.subTest("an entry disappears from the stream"):
            entry, event = lab.entries()[2]
            lab.redis().xdel(STREAM, entry)
            self.expect("event_missing")
            wait_until(lambda: lab.entries()[-1][1] == event, 10, "the relay publishes it again")
        with self.subTest("consumers trim"):
            lab.redis().xtrim(STREAM, minid=lab.entries()[2][0])
            self.assertEqual(self.reconcile()[0], 0)
        with self.subTest("the stream is gone: the relay sees it by itself"):
            lab.redis().flushall()
            wait_until(lambda: len(lab.entries()) == self.FLOWS + 1, 20, "everything is published again")
            wait_until(lambda: self.reconcile()[0] == 0, 10, "nothing is missing")
        self.events_are_told_once(more=1)
        after = self.hub.referee()
        self.assertEqual(after["violations"], 0, json.dumps(after, indent=1))
        self.assertEqual(before["violations"], 0)
        self.assertEqual(lab.stop_daemon(), 0)

    def test_watches_and_updates_that_stand_still_move_again(self):
        self.start()
        lab = self.lab
        # Two that never end.
        first = self.hub.control("POST", "/flows", {"ending": "running", "count": 2})["flow"]
        ours, other = str(first), str(first + 1)
        for flow in (ours, other):
            lab.cli("process", "add", "hub", flow, "--correlation-id", f"c{flow}", "--config", lab.config)
            lab.cli("process", "poll-now", "hub", flow, "--config", lab.config)
        wait_until(lambda: len(lab.entries()) == self.FLOWS + 2, 20, "both are known to be in progress")
        wait_until(lambda: self.reconcile()[0] == 0, 10, "all is well")
        watch = f"(SELECT id FROM watch WHERE target = '{ours}')"
        with self.subTest("lost its place"):
            self.rows(f"DELETE FROM due_watch WHERE watch_id = {watch}")
            self.expect("watch_unscheduled", remedies=("done",))
        with self.subTest("frozen"):
            placed = f"SELECT 1 FROM due_watch WHERE watch_id = {watch} AND last_polled_at IS NOT NULL"
            wait_until(lambda: self.rows(placed), 20, "looked at again")
            self.rows(f"UPDATE due_watch SET due_at = 9000000000000000 WHERE watch_id = {watch}")
            self.expect("watch_far", remedies=("done",))
        with self.subTest("ended before its process"):
            self.rows("UPDATE watch SET rests = 'ended' WHERE target = ?", other)
            self.expect("process_lost", remedies=("done",))
        with self.subTest("an update without a next attempt"):
            self.rows("UPDATE status_update SET stage = 'received', next_attempt_at = NULL, fetched_before = 1 WHERE id = 1")
            self.expect("update_stopped")
        with self.subTest("calls beyond the limit"):
            self.rows("UPDATE call_count SET calls = 5000 WHERE span = 'hour'")
            code, report = self.reconcile("--repair")
            self.assertEqual(code, 5)
            self.assertGreaterEqual(self.found(report)["budget_exceeded"], 1)
            self.assertEqual({each["remedy"] for each in report["divergences"]}, {"impossible"})
        self.events_are_told_once(more=2)

    def test_without_a_daemon_repair_waits_for_the_next_start(self):
        self.start()
        lab = self.lab
        self.assertEqual(lab.stop_daemon(), 0)
        self.document_of(self.flows[0])[0].unlink()
        lab.redis().xdel(STREAM, lab.entries()[1][0])
        code, report = self.reconcile("--repair")
        self.assertEqual((code, self.found(report)), (0, {"document_missing": 1, "event_missing": 1}), json.dumps(report, indent=1))
        lab.start_daemon()
        wait_until(lambda: self.is_whole(self.flows[0]), 20, "the document is back")
        wait_until(lambda: self.reconcile()[0] == 0, 20, "nothing is wrong any more")
        self.events_are_told_once()

    def test_the_scheduled_run_reports_and_repairs(self):
        self.start('[reconcile]\ninterval = "2s"\nrepair = true\n')
        lab = self.lab
        wait_until(lambda: lab.metric("signwatch_reconciliation_last_run_timestamp_seconds") > 0, 20, "a first run")
        self.assertEqual(lab.metric("signwatch_reconciliation_divergences_total"), 0)
        self.document_of(self.flows[1])[0].unlink()
        wait_until(lambda: self.is_whole(self.flows[1]), 30, "the daemon brings it back by itself")
        self.assertGreaterEqual(lab.metric('signwatch_reconciliation_divergences_total{kind="document_missing"}'), 1)
        wait_until(lambda: lab.metric("signwatch_reconciliation_open_divergences") == 0, 10, "nothing is open")
        self.events_are_told_once()
        self.assertEqual(lab.stop_daemon(), 0)

    def test_what_is_over_leaves_the_record_and_its_documents_stay(self):
        keeps = '[pipeline]\nretention = "1h"\nprocess_retention = "1d"\n'
        self.start(OFF + keeps)
        lab = self.lab
        paths = [self.document_of(flow)[0] for flow in self.flows]
        self.assertEqual(lab.stop_daemon(), 0)
        young, *old = self.flows
        for sql in ("UPDATE outbox SET published_at = 1", "DELETE FROM due_watch", "UPDATE watch SET scheduled = 0",
                    "UPDATE status_update SET delivered_at = 1"):
            self.rows(sql)
        self.rows("UPDATE process SET updated_at = 1 WHERE process_id <> ?", young)
        lab.start_daemon()
        wait_until(lambda: self.rows("SELECT process_id FROM process") == [(young,)], 30, "they have left")
        wait_until(lambda: lab.metric("signwatch_processes") == 1, 20, "the gauge shows it")
        unknown = lab.cli("process", "show", "hub", old[0], "--config", lab.config, check=False)
        self.assertNotEqual(unknown.returncode, 0)
        long_ago = time.time() - 500 * 86400
        for path in paths:
            os.utime(path, (long_ago, long_ago))
        code, report = self.reconcile("--repair")
        self.assertEqual((code, report["kinds"]["document_orphaned"]["found"]), (0, 0), json.dumps(report, indent=1))
        self.assertTrue(all(path.exists() for path in paths))

        with self.subTest("until a setting says otherwise"):
            self.assertEqual(lab.stop_daemon(), 0)
            self.rows("UPDATE unowned_document SET since = 1")
            lab.write_accounts(self.hub.account("hub", ACCOUNT), OFF + keeps + 'document_retention = "1d"\n')
            lab.start_daemon()
            kept = self.document_of(young)[0]
            wait_until(lambda: [path for path in paths if path.exists()] == [kept], 30, "nobody's documents are removed")
            wait_until(lambda: not self.rows("SELECT 1 FROM unowned_document"), 10, "the record says so")
            self.assertEqual(self.reconcile()[0], 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
