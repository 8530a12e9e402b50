#!/usr/bin/python3
"""The real daemon on a real Redis Cluster: partitions at several nodes, a slot that moves, a master that dies with a tail."""
import pathlib
import sys
import time
import unittest

import redis

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import STREAM, wait_until  # noqa: E402
from posten_case import PostenCase  # noqa: E402
from redis_cluster import Cluster  # noqa: E402
from redis_fleet import cut_off  # noqa: E402

BINARIES = sys.argv.pop(1)


class ClusterTest(PostenCase):
    binaries = BINARIES

    def setUp(self):
        super().setUp()
        self.lab.partitions = 6
        self.cluster = Cluster(self.lab)
        self.use_redis(self.cluster.section() + f"partitions = {self.lab.partitions}\n")
        self.lab.redis = self.cluster.client
        self.lab.start_daemon()

    def published(self):
        wait_until(lambda: self.lab.metric("signwatch_outbox_depth") == 0, 30, "the outbox is empty")

    def settle(self):
        expected = self.lab.expected_events()

        def all_there():
            try:
                return len(self.lab.entries()) >= expected
            except (redis.RedisError, redis.exceptions.RedisClusterException):
                return False
        wait_until(all_there, 40, f"{expected} events in the cluster")
        self.lab.check(expected)

    def busiest(self):
        return max(self.lab.streams()[1:], key=lambda stream: len(self.lab.entries_in(stream)))

    def errors(self, node, word):
        told = node.client().info("errorstats").get(f"errorstat_{word}", "count=0")
        return int(told["count"] if isinstance(told, dict) else told.partition("=")[2])

    def test_a_slot_moves_and_a_master_dies(self):
        self.work(12)
        self.settle()
        homes = {self.cluster.owner_of(stream).port for stream in self.lab.streams()[1:]}
        self.assertGreaterEqual(len(homes), 2, "partitions are at several nodes")
        self.assertEqual(self.lab.entries_in(STREAM), [])
        self.move_slot()
        self.lose_master()
        self.work(6)
        self.settle()
        done = self.lab.cli("reconcile", "--config", self.lab.config, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(self.lab.stop_daemon(), 0)

    def move_slot(self):
        stream = self.busiest()
        source = self.cluster.owner_of(stream)
        target = next(each for each in self.cluster.masters if each is not source)
        slot = self.cluster.slot_of(stream)
        target.command("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id())
        source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id())
        self.work(4)
        self.published()
        source.command("MIGRATE", "127.0.0.1", target.port, stream, 0, 5000)
        asked, moved = self.errors(source, "ASK"), self.errors(source, "MOVED")
        self.work(8)
        self.published()
        self.assertGreater(self.errors(source, "ASK"), asked, "the source has sent the daemon to the target")
        for node in (target, source):
            node.command("CLUSTER", "SETSLOT", slot, "NODE", target.id())
        self.lab.cli("reconcile", "--config", self.lab.config, check=False)
        self.work(8)
        self.published()
        self.assertGreater(sum(self.errors(each, "MOVED") for each in self.cluster.masters), moved)
        self.assertIs(self.cluster.owner_of(stream), target)
        self.settle()

    def lose_master(self):
        """One dies with events that its replica does not have."""
        stream = self.busiest()
        master = self.cluster.owner_of(stream)
        cut_off(master)
        before = len(self.lab.entries())
        self.work(10)
        self.published()
        seen = {entry: event["id"] for entry, event in self.lab.entries()}
        master.kill()
        died = time.monotonic()
        wait_until(lambda: self.cluster.owner_of(stream), 40, "its replica takes over")
        elected = time.monotonic()
        self.settle()
        print(f"of {len(seen) - before} events some died with a master; its replica took over after {elected - died:.1f} s, "
              f"all whole after {time.monotonic() - died:.1f} s", flush=True)
        now = {entry: event["id"] for entry, event in self.lab.entries()}
        for entry, event in seen.items():
            self.assertEqual(now[entry], event, "the same event under the same entry id")
        self.assertGreaterEqual(self.lab.metric("signwatch_stream_tail_lost_total"), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
