#!/usr/bin/python3
"""The real daemon with its documents in a bucket, against the Posten simulator. Without s3rver the exit code is 77: skipped."""
import hashlib
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import Lab, wait_until  # noqa: E402
from s3 import Bucket, installed  # noqa: E402

BINARIES = sys.argv.pop(1)
SKIPPED = 77
ACCOUNT = """
empty_interval = "500ms"
floor_interval = "50ms"
throttle_interval = "300ms"
first_backoff = "100ms"
longest_backoff = "1s"
"""


class S3Test(unittest.TestCase):
    def setUp(self):
        self.lab = Lab(BINARIES)
        self.lab.__enter__()
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.addCleanup(self.show_log)
        self.bucket = Bucket(self.lab)
        self.lab.read_document = self.bucket.read
        self.lab.start_simulator("--clock-rate", "300", "--empty-interval", "150")
        self.lab.write_config(ACCOUNT, self.bucket.section())
        self.lab.start_redis()

    def show_log(self):
        """Of a test that has failed, before its laboratory is cleared away."""
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            self.lab.show_log()

    def add_jobs(self, count):
        self.lab.control("POST", "/jobs", {"count": count, "signers": 2})

    def finish(self):
        wait_until(self.lab.all_confirmed, 60, "every job confirmed")
        updates = self.lab.expected_events()
        wait_until(lambda: len(self.lab.entries()) >= updates, 20, f"{updates} events in Redis")
        self.lab.check(updates)

    def confirmed(self):
        return sum(update["state"] == "confirmed" for job in self.lab.jobs() for update in job["updates"])

    def test_a_daemon_and_a_bucket_that_die(self):
        lab = self.lab
        lab.start_daemon()
        self.add_jobs(6)
        wait_until(lambda: len(lab.entries()) >= 2, 30, "first events")
        lab.daemon.kill()
        lab.daemon.wait()
        lab.start_daemon()
        wait_until(lambda: len(lab.entries()) >= 4, 30, "more events")
        self.bucket.kill()
        wait_until(lambda: lab.metric("signwatch_outbox_depth") == 0, 10, "what was committed is published")
        known = {event["id"] for _, event in lab.entries()}
        polls = lab.referee()["polls"]
        self.add_jobs(4)
        wait_until(lambda: lab.referee()["polls"] > polls + 2, 30, "polls without a bucket")
        held = self.confirmed()
        self.assertLess(held, lab.expected_events(), "nothing is confirmed that could not be stored")
        self.assertEqual(known, {event["id"] for _, event in lab.entries()})
        self.bucket.start()
        self.finish()
        self.assertEqual(list((lab.folder / "store/documents").glob("objects/*/*")), [], "no document in the directory")
        self.read_by_the_command()
        done = lab.cli("reconcile", "--config", lab.config, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(lab.stop_daemon(), 0)

    def read_by_the_command(self):
        event = next(event for _, event in self.lab.entries() if event["data"]["documents"])
        pades = next(each for each in event["data"]["documents"] if each["kind"] == "pades")
        copy = self.lab.folder / "copy"
        self.lab.cli("document", "get", "acme", event["subject"], "--kind", "pades", "--config", self.lab.config,
                     "--output", copy)
        self.assertEqual(hashlib.sha256(copy.read_bytes()).hexdigest(), pades["sha256"])


if __name__ == "__main__":
    if not installed():
        print("SKIPPED: s3rver is not installed; tests/s3rver/install needs npm and its registry")
        sys.exit(SKIPPED)
    unittest.main()
