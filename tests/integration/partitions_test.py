#!/usr/bin/python3
"""The real daemon with its events divided among several streams: their number changes, one of them is lost."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import STREAM, wait_until  # noqa: E402
from posten_case import PostenCase  # noqa: E402

BINARIES = sys.argv.pop(1)


class PartitionsTest(PostenCase):
    binaries = BINARIES

    def setUp(self):
        super().setUp()
        self.lab.partitions = 4  # at most
        (self.lab.folder / "conf.d").mkdir()
        self.lab.start_redis()

    def start(self, partitions):
        (self.lab.folder / "conf.d/partitions.toml").write_text(f"[redis]\npartitions = {partitions}\n")
        self.lab.start_daemon()

    def finish(self):
        expected = self.lab.expected_events()
        wait_until(lambda: len(self.lab.entries()) >= expected, 20, f"{expected} events in Redis")
        self.lab.check(expected)

    def lengths(self):
        return {stream: len(self.lab.entries_in(stream)) for stream in self.lab.streams()}

    def redis_check(self):
        checks = json.loads(self.lab.http("/readyz?verbose")[1])["checks"]
        return next(check for check in checks if check["name"] == "redis")

    def reconcile(self):
        done = self.lab.cli("reconcile", "--config", self.lab.config, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_number_changes_only_behind_what_was_there_before(self):
        self.start(1)
        before = self.work(6)
        self.finish()
        self.lab.redis_server.kill()
        self.lab.redis_server.wait()
        before = self.work(4)
        self.assertEqual(self.lab.stop_daemon(), 0)
        self.lab.start_redis()  # it has forgotten everything
        self.start(4)
        self.work(16)
        self.finish()
        lengths = self.lengths()
        self.assertGreaterEqual(lengths[STREAM], before, "what was there before is where it would have been")
        self.assertGreaterEqual(sum(lengths[stream] > 0 for stream in self.lab.streams()[1:]), 3, lengths)
        self.reconcile()
        self.assertEqual(self.lab.stop_daemon(), 0)
        self.start(2)
        self.work(6)
        self.finish()
        self.assertEqual(self.lengths()[STREAM], lengths[STREAM])
        self.reconcile()
        self.assertIn("another number of streams", self.lab.log.read_text())

    def test_one_lost_partition_comes_back_and_shows_meanwhile(self):
        self.start(4)
        self.work(16)
        self.finish()
        self.assertEqual(self.lengths()[STREAM], 0)
        lengths = self.lengths()
        lost = max(lengths, key=lengths.get)
        self.lab.redis().delete(lost)
        wait_until(lambda: self.lengths() == lengths, 20, "the lost stream is whole again")
        self.assertEqual(self.lab.metric("signwatch_stream_tail_lost_total"), 1)
        # Somebody's own key in the way: that stream waits, the others go on.
        self.lab.redis().rename(lost, "kept")
        self.lab.redis().set(lost, "something else")
        self.work(8)
        wait_until(lambda: self.redis_check()["state"] == "degraded", 20, "it shows")
        self.assertIn(lost.removeprefix(STREAM + ":") + " redis_wrongtype", self.redis_check()["detail"])
        self.assertEqual(self.lab.metric("signwatch_redis_connected"), 0)
        self.lab.redis().rename("kept", lost)
        self.finish()
        wait_until(lambda: self.redis_check()["state"] == "ok", 20, "it is over")
        self.assertEqual(self.lab.metric("signwatch_redis_connected"), 1)
        self.reconcile()


if __name__ == "__main__":
    unittest.main(verbosity=2)
