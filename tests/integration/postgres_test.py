#!/usr/bin/python3
"""The real daemon on a private PostgreSQL, alone and two of them, against the Posten simulator."""
import pathlib
import signal
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import Lab, wait_until  # noqa: E402
from postgres import Cluster  # noqa: E402

BINARIES = sys.argv.pop(1)
LEASE = 10  # seconds
ACCOUNT = """
empty_interval = "500ms"
floor_interval = "50ms"
throttle_interval = "300ms"
first_backoff = "100ms"
longest_backoff = "1s"
"""


class Replica:
    """One daemon of several on the lab's configuration, with listeners and a log of its own."""

    def __init__(self, lab, name):
        self.lab = lab
        self.port = lab.ports.take()
        self.config = lab.folder / f"{name}.toml"
        text = lab.config.read_text().replace(f":{lab.listen_port}\"", f":{self.port}\"")
        self.config.write_text(f'[admin]\nlisten = "unix:{lab.folder / name}.sock"\n' + text)
        self.log = lab.folder / f"{name}.log"
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.process = self.lab.spawn([self.lab.binaries / "signwatch", "run", "--config", self.config], stderr=log)

    def said(self, words):
        return words in self.log.read_text(errors="replace")


class PostgresTest(unittest.TestCase):
    def setUp(self):
        self.lab = Lab(BINARIES)
        self.lab.__enter__()
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.cluster = Cluster(self.lab)
        self.addCleanup(self.cluster.close)
        self.replicas = []
        self.addCleanup(self.show_logs)
        self.lab.start_simulator("--clock-rate", "300", "--empty-interval", "150")
        self.lab.store = 'backend = "postgres"\n'
        self.lab.write_config(ACCOUNT, self.cluster.section())
        self.lab.start_redis()

    def show_logs(self):
        """Of a test that has failed, before its laboratory is cleared away."""
        result = self._outcome.result
        if not any(test is self for test, _ in result.failures + result.errors):
            return
        self.lab.show_log()
        for replica in self.replicas:
            print(f"--- {replica.log.name} ---")
            print("\n".join(replica.log.read_text(errors="replace").splitlines()[-40:]))

    def replica(self, name):
        self.replicas.append(Replica(self.lab, name))
        return self.replicas[-1]

    def add_jobs(self, count):
        self.lab.control("POST", "/jobs", {"count": count, "signers": 2})

    def finish(self, timeout=40):
        wait_until(self.lab.all_confirmed, timeout, "every job confirmed")
        updates = self.lab.expected_events()
        wait_until(lambda: len(self.lab.entries()) >= updates, 20, f"{updates} events in Redis")
        self.lab.check(updates)

    def test_a_daemon_and_a_database_that_die(self):
        lab = self.lab
        lab.start_daemon()
        self.add_jobs(6)
        wait_until(lambda: len(lab.entries()) >= 2, 30, "first events")
        lab.daemon.kill()
        lab.daemon.wait()
        lab.start_daemon()
        self.add_jobs(4)
        wait_until(lambda: len(lab.entries()) >= 6, 30, "more events")
        self.cluster.stop_immediately()
        self.add_jobs(2)
        self.cluster.start()
        self.finish()
        self.assertIn("acme", lab.cli("status", "--config", lab.config, check=False).stdout)
        self.assertEqual(lab.cli("migrate", "status", "--config", lab.config).returncode, 0)
        done = lab.cli("reconcile", "--config", lab.config, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(lab.stop_daemon(), 0)

    def test_two_replicas_of_which_one_dies_and_one_is_paused(self):
        first, second = self.replica("first"), self.replica("second")
        self.add_jobs(6)
        wait_until(lambda: len(self.lab.entries()) >= 3, 30, "first events")
        first.process.kill()
        first.process.wait()
        print("takeover after SIGKILL:", self.until_confirmed(4))
        first.start()
        wait_until(lambda: self.members() == 2, 20, "the first joins again")
        second.process.send_signal(signal.SIGSTOP)
        print("takeover after SIGSTOP:", self.until_confirmed(4))
        wait_until(lambda: self.members() == 1, LEASE + 10, "the lease of the second ends")
        second.process.send_signal(signal.SIGCONT)
        wait_until(lambda: second.said("joined again"), 20, "the second joins again")
        self.add_jobs(4)
        self.finish()
        for replica in (first, second):
            replica.process.send_signal(signal.SIGTERM)
            self.assertEqual(replica.process.wait(15), 0)

    def until_confirmed(self, count):
        begun = time.monotonic()
        self.add_jobs(count)
        self.finish()
        return f"{time.monotonic() - begun:.1f} s"

    def members(self):
        return int(self.cluster.sql("signwatch", "SELECT COUNT(*) FROM replica WHERE expires_at > clock_timestamp()"))


if __name__ == "__main__":
    unittest.main()
