#!/usr/bin/python3
"""The real daemon, one master with two replicas, and three Sentinels: masters die with a tail that nobody else has, or hang."""
import pathlib
import signal
import sys
import time
import unittest

import redis

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import STREAM, wait_until  # noqa: E402
from posten_case import PostenCase  # noqa: E402
from redis_fleet import RedisFleet, cut_off  # noqa: E402

BINARIES = sys.argv.pop(1)


class FailoverTest(PostenCase):
    binaries = BINARIES

    def start(self, keys=""):
        self.fleet = RedisFleet(self.lab)
        self.use_redis(self.fleet.section() + keys)
        self.lab.redis = lambda: self.fleet.master().client()
        self.lab.start_daemon()

    def seen(self):
        """What a reader of the master sees now: the event of each entry."""
        return {entry: event["id"] for entry, event in self.lab.entries()}

    def settle(self, expected):
        def all_there():
            try:
                return self.fleet.master() and len(self.lab.entries()) >= expected
            except redis.RedisError:
                return False
        wait_until(all_there, 30, f"{expected} events at the master")
        self.lab.check(expected)

    def lose_master(self):
        """The master dies with events that nobody else has. Gives what a reader had seen until then."""
        master = self.fleet.master()
        known = len(self.lab.entries())
        cut_off(master)
        expected = self.work(6)
        wait_until(lambda: len(self.lab.entries()) == expected, 20, "all events at the old master")
        seen = self.seen()
        master.kill()
        died = time.monotonic()
        wait_until(lambda: self.fleet.master() is not None, 30, "a new master")
        elected = time.monotonic()
        self.settle(expected)
        print(f"{expected - known} events lost with the master; a new one after {elected - died:.1f} s, "
              f"whole again after {time.monotonic() - died:.1f} s", flush=True)
        return seen

    def test_a_master_dies_with_an_unreplicated_tail(self):
        self.start()
        self.settle(self.work(8))
        seen = self.lose_master()
        now = self.seen()
        # Whoever leaves out what it has had before, by entry id or by event id, has every event once.
        self.assertEqual(len({**seen, **now}), self.lab.expected_events())
        self.assertEqual(len(set(seen.values()) | set(now.values())), self.lab.expected_events())
        for entry, event in seen.items():
            self.assertEqual(now[entry], event, "the same event under the same entry id")
        self.assertGreaterEqual(self.lab.metric("signwatch_stream_tail_lost_total"), 1)
        self.settle(self.work(4))
        done = self.lab.cli("reconcile", "--config", self.lab.config, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.lab.stop_daemon(), 0)

    def test_with_partitions(self):
        self.lab.partitions = 4
        self.start("partitions = 4\n")
        self.settle(self.work(12))
        seen = self.lose_master()
        now = self.seen()
        for entry, event in seen.items():
            self.assertEqual(now[entry], event, "the same event under the same entry id")
        self.settle(self.work(8))
        homes = {}
        for stream in self.lab.streams():
            for _, event in self.lab.entries_in(stream):
                self.assertEqual(homes.setdefault(event["partitionkey"], stream), stream)
        self.assertNotIn(STREAM, homes.values())
        self.assertGreaterEqual(len(set(homes.values())), 3, homes)
        self.assertGreaterEqual(self.lab.metric("signwatch_stream_tail_lost_total"), 1)
        done = self.lab.cli("reconcile", "--config", self.lab.config, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_master_hangs_and_comes_back_as_a_replica(self):
        self.start()
        self.settle(self.work(4))
        old = self.fleet.master()
        old.process.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        expected = self.work(4)
        wait_until(lambda: self.fleet.master() not in (None, old), 30, "a new master")
        self.settle(expected)
        print(f"a master that hung was replaced, and all published, after {time.monotonic() - began:.1f} s", flush=True)
        old.process.send_signal(signal.SIGCONT)
        wait_until(lambda: old.role() == "slave", 30, "the old master follows")
        self.settle(self.work(4))
        self.assertEqual(self.lab.stop_daemon(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
