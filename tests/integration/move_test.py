#!/usr/bin/python3
"""The real daemon on SQLite, stopped, moved by `signwatch store copy`, and started again on PostgreSQL; documents to a bucket."""
import json
import pathlib
import random
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import Lab, wait_until  # noqa: E402
from postgres import Cluster  # noqa: E402
from s3 import Bucket, installed  # noqa: E402

BINARIES = sys.argv.pop(1)
ACCOUNT = """
empty_interval = "500ms"
floor_interval = "50ms"
throttle_interval = "300ms"
first_backoff = "100ms"
longest_backoff = "1s"
"""
STEPS = ("leaving", "filling", "copied:3", "compared:2", "moved", "released")


class MoveTest(unittest.TestCase):
    def setUp(self):
        self.lab = Lab(BINARIES)
        self.lab.__enter__()
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.addCleanup(self.show_log)
        self.cluster = Cluster(self.lab)
        self.addCleanup(self.cluster.close)
        self.lab.start_simulator("--clock-rate", "300", "--empty-interval", "150")
        self.lab.start_redis()

    def show_log(self):
        """Of a test that has failed, before its laboratory is cleared away."""
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            self.lab.show_log()

    def configurations(self, documents=""):
        """The lab's own is the one that is left; the name of the one that is moved to."""
        self.lab.store = 'backend = "postgres"\n'
        new = self.lab.folder / "new.toml"
        self.lab.write_config(ACCOUNT, self.cluster.section() + documents).rename(new)
        self.lab.store = ""
        self.old = self.lab.write_config(ACCOUNT)
        return new

    def copy(self, to, *options, check=True):
        return self.lab.cli("store", "copy", "--from", self.old, "--to", to, *options, check=check)

    def add_jobs(self, count):
        self.lab.control("POST", "/jobs", {"count": count, "signers": 2})

    def events(self, count):
        wait_until(lambda: len(self.lab.entries()) >= count, 30, f"{count} events")

    def finish(self):
        wait_until(self.lab.all_confirmed, 60, "every job confirmed")
        updates = self.lab.expected_events()
        self.events(updates)
        self.lab.check(updates)

    def test_a_daemon_goes_on_where_it_was(self):
        lab, new = self.lab, self.configurations()
        lab.start_daemon()
        self.add_jobs(8)
        self.events(3)
        refused = self.copy(new, check=False)
        self.assertEqual(refused.returncode, 4, refused.stderr)
        self.assertIn("stop the daemon first", refused.stderr)
        lab.daemon.kill()  # in the middle of whatever it was at
        lab.daemon.wait()
        for step in STEPS:
            done = self.copy(new, "--kill-at", step, check=False)
            self.assertEqual(done.returncode, -signal.SIGKILL, f"{step}: {done.stderr}")
            if step not in ("leaving", "released"):
                self.refuses_to_run(new, "no daemon works on a record that is not whole")
            self.refuses_to_run(self.old, "nor on one that is leaving")
        self.assertIn("moved already", self.copy(new).stdout)
        view = lab.cli("process", "list", "--config", self.old, check=False)
        self.assertIn("has moved to database signwatch", view.stderr)
        self.assertNotEqual(self.copy(new, "--abandon", check=False).returncode, 0)
        lab.config = new
        lab.start_daemon()
        self.add_jobs(4)
        self.finish()
        reconciled = lab.cli("reconcile", "--config", new, check=False)
        self.assertEqual(reconciled.returncode, 0, reconciled.stdout + reconciled.stderr)
        self.assertEqual(lab.stop_daemon(), 0)

    def refuses_to_run(self, config, why):
        done = self.lab.cli("run", "--config", config, check=False)
        self.assertNotEqual(done.returncode, 0, why)
        self.assertIn("signwatch store copy" if "has moved" not in done.stderr else "has moved", done.stderr)

    def test_a_move_that_is_given_up(self):
        lab, new = self.lab, self.configurations()
        lab.start_daemon()
        self.add_jobs(6)
        self.events(3)
        self.assertEqual(lab.stop_daemon(), 0)
        self.assertEqual(self.copy(new, "--kill-at", "moved", check=False).returncode, -signal.SIGKILL)
        self.cluster.stop_immediately()
        cut_off = self.copy(new, check=False)
        self.assertEqual(cut_off.returncode, 4)
        self.assertIn("run the same command again", cut_off.stderr)
        self.assertNotEqual(self.copy(new, "--abandon", check=False).returncode, 0, "who knows whether it was released")
        self.cluster.start()
        self.assertTrue(json.loads(self.copy(new, "--abandon", "--json").stdout)["emptied"])
        lab.start_daemon()
        self.add_jobs(3)
        self.finish()
        self.assertEqual(lab.stop_daemon(), 0)
        moved = json.loads(self.copy(new, "--json").stdout)
        self.assertFalse(moved["record"]["resumed"])
        self.assertNotIn("documents", moved)
        lab.config = new
        lab.start_daemon()
        self.add_jobs(3)
        self.finish()
        self.assertEqual(lab.stop_daemon(), 0)

    def test_a_move_that_is_killed_at_any_time(self):
        """A larger record, killed where chance will have it: in the middle of transactions, too."""
        lab, new, dice = self.lab, self.configurations(), random.Random(1)
        hub = lab.add_simulator("signhub", "--flows", "1", "--changing", "0")
        self.old.write_text(self.old.read_text() + hub.account("hub"))
        listing = lab.folder / "processes.csv"
        listing.write_text("account,process_id,correlation_id\n" + "".join(f"hub,{i},loan-{i}\n" for i in range(1, 40_001)))
        lab.cli("migrate", "up", "--config", self.old)
        lab.cli("process", "add", "--config", self.old, "--file", listing)
        command = [lab.binaries / "signwatch", "store", "copy", "--from", self.old, "--to", new, "--json"]
        killed, longest = 0, 0.6
        while True:
            child = lab.spawn(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            try:
                out, err = child.communicate(timeout=dice.uniform(0.05, longest))
                break
            except subprocess.TimeoutExpired:
                child.kill()
                child.communicate()
                killed, longest = killed + 1, longest * 1.15
        self.assertEqual(child.returncode, 0, err)
        print("kills:", killed)
        self.assertGreater(killed, 3)
        if out and not json.loads(out)["record"]["already"]:
            rows = {table["name"]: table["rows"] for table in json.loads(out)["record"]["tables"]}
            self.assertEqual((rows["process"], rows["watch"], rows["due_watch"]), (40_000, 40_000, 40_000))
        for table in ("process", "watch", "due_watch"):
            self.assertEqual(self.cluster.sql("signwatch", f"SELECT COUNT(*) FROM {table}"), "40000")

    @unittest.skipUnless(installed(), "s3rver is not installed; tests/s3rver/install needs npm and its registry")
    def test_record_and_documents_together(self):
        lab, bucket = self.lab, Bucket(self.lab)
        new = self.configurations(bucket.section())
        lab.start_daemon()
        self.add_jobs(5)
        self.finish()
        self.assertEqual(lab.stop_daemon(), 0)
        stored = {each.name: each.read_bytes() for each in (lab.folder / "store/documents").glob("objects/*/*")}
        self.assertGreater(len(stored), 5)
        bucket.kill()
        self.assertEqual(self.copy(new, check=False).returncode, 4)
        lab.start_daemon()  # nothing has happened yet
        self.assertEqual(lab.stop_daemon(), 0)
        bucket.start()
        some = json.loads(self.copy(new, "--json").stdout)
        self.assertEqual((some["documents"], some["verified"]), (len(stored), len(stored)))
        for name, content in stored.items():
            self.assertEqual(bucket.get(f"/signed/{name[:2]}/{name}"), content)
        lab.config = new
        lab.read_document = lambda uri: bucket.read(uri) if uri.startswith("s3:") else pathlib.Path(uri[7:]).read_bytes()
        lab.start_daemon()
        self.add_jobs(3)
        self.finish()
        reconciled = lab.cli("reconcile", "--config", new, check=False)
        self.assertEqual(reconciled.returncode, 0, reconciled.stdout + reconciled.stderr)
        self.assertEqual(lab.stop_daemon(), 0)
        again = json.loads(self.copy(new, "--json").stdout)
        self.assertEqual((again["copied"], again["record"]["already"]), (0, True))

    @unittest.skipUnless(installed(), "s3rver is not installed; tests/s3rver/install needs npm and its registry")
    def test_documents_alone(self):
        """From the directory to a bucket, the record staying in SQLite."""
        lab, bucket = self.lab, Bucket(self.lab)
        new = lab.folder / "new.toml"
        lab.write_config(ACCOUNT, bucket.section()).rename(new)
        self.old = lab.write_config(ACCOUNT)
        lab.start_daemon()
        self.add_jobs(5)
        self.finish()
        self.assertEqual(self.copy(new, check=False).returncode, 4, "a daemon is at work on it")
        self.assertEqual(lab.stop_daemon(), 0)
        done = json.loads(self.copy(new, "--json").stdout)
        self.assertEqual(done["copied"], done["verified"])
        self.assertGreater(done["copied"], 5)
        self.assertNotIn("record", done)
        self.assertEqual(json.loads(self.copy(new, "--json").stdout)["copied"], 0)
        for each in (lab.folder / "store/documents").glob("objects/*/*"):
            each.unlink()
        lab.config = new
        event = next(event for _, event in lab.entries() if event["data"]["documents"])
        lab.cli("document", "get", "acme", event["subject"], "--kind", "pades", "--config", new, "--output", lab.folder / "got")
        reconciled = lab.cli("reconcile", "--config", new, check=False)
        self.assertEqual(reconciled.returncode, 0, reconciled.stdout + reconciled.stderr)


if __name__ == "__main__":
    unittest.main()
