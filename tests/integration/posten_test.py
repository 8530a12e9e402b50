#!/usr/bin/python3
"""The real daemon against the Posten simulator, a real Redis and real TLS, as an operator would run it."""
import json
import pathlib
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import Lab, wait_until  # noqa: E402

BINARIES = sys.argv.pop(1)

# Ten provider minutes take two seconds, an empty queue asks for half a second.
COMPRESSED = ("--clock-rate", "300")
FAST = """
empty_interval = "500ms"
floor_interval = "50ms"
throttle_interval = "300ms"
first_backoff = "100ms"
longest_backoff = "1s"
"""


class Laboratory(unittest.TestCase):
    def lab(self, *simulator_options, account=FAST, top=""):
        lab = Lab(BINARIES)
        lab.__enter__()
        self.addCleanup(lab.__exit__, None, None, None)
        self.addCleanup(lambda: self.show_log(lab))
        if "--empty-interval" not in simulator_options:
            simulator_options += ("--empty-interval", "150")
        lab.start_simulator(*COMPRESSED, *simulator_options)
        lab.write_config(account, top)
        return lab

    def show_log(self, lab):
        """Of a test that has failed, before its laboratory is cleared away."""
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            lab.show_log()

    def finish(self, lab, timeout=60):
        """Waits until every job is confirmed and published, then checks every promise. Returns the referee."""
        wait_until(lambda: lab.all_confirmed(), timeout, "every job confirmed")
        updates = lab.expected_events()
        wait_until(lambda: len(lab.entries()) >= updates, 20, f"{updates} events in Redis")
        return lab.check(updates)


class PostenTest(Laboratory):
    def test_portal_and_direct_queues_are_brought_home(self):
        lab = self.lab("--flow", "both", "--queue", "loans", "--queue", "søknad & co", "--jobs", "24", "--signers", "2",
                       "--mix", "completed=60,failed=15,in_progress=25",
                       account=FAST + 'flows = ["portal", "direct"]\nqueues = ["", "loans", "søknad & co"]')
        lab.start_redis()
        lab.start_daemon()
        self.finish(lab)
        self.assertEqual(lab.metric("signwatch_polls_before_permitted_total"), 0)
        self.assertEqual(lab.metric("signwatch_acknowledged_before_durable_total"), 0)
        self.assertEqual(lab.stop_daemon(), 0)

    def test_starts_with_redis_down_and_drains_in_order_afterwards(self):
        lab = self.lab("--jobs", "10")
        lab.start_daemon()
        wait_until(lab.all_confirmed, 30, "confirmed without Redis")
        self.assertEqual(lab.http("/readyz")[0], 200)
        self.assertIn("redis", lab.http("/readyz?verbose")[1])
        wait_until(lambda: lab.metric("signwatch_outbox_depth") == 10, 10, "the outbox holds all events")
        lab.start_redis()
        self.finish(lab)
        wait_until(lambda: lab.metric("signwatch_outbox_depth") == 0, 10, "the outbox is empty")

    def test_a_redis_that_forgot_everything_gets_everything_again(self):
        lab = self.lab("--jobs", "10")
        lab.start_redis()
        lab.start_daemon()
        self.finish(lab)
        lab.redis_server.kill()
        lab.redis_server.wait()
        lab.control("POST", "/jobs", {"count": 5})
        lab.start_redis()
        self.finish(lab)
        self.assertGreaterEqual(lab.metric("signwatch_stream_tail_lost_total"), 1)
        lab.redis().flushall()
        wait_until(lambda: len(lab.entries()) >= 15, 20, "published again after FLUSHALL")
        lab.check(15)

    def test_redis_killed_while_events_flow(self):
        lab = self.lab("--jobs", "60", "--interval", "30", "--limits", "gate", account=FAST + "calls_per_second = 0\n")
        lab.start_redis("--appendonly", "yes", "--appendfsync", "always")
        lab.start_daemon()
        for _ in range(3):
            time.sleep(0.4)
            lab.redis_server.kill()
            lab.redis_server.wait()
            lab.start_redis("--appendonly", "yes", "--appendfsync", "always")
        self.finish(lab)

    def test_a_provider_that_is_down_changes_nothing_but_the_waiting(self):
        lab = self.lab("--jobs", "3")
        port = lab.where["root"].rsplit(":", 1)[1].split("/")[0]
        lab.simulator.kill()
        lab.simulator.wait()
        lab.start_redis()
        lab.start_daemon()
        wait_until(lambda: lab.metric("signwatch_polls_total") >= 2, 20, "polls that fail")
        self.assertEqual(lab.http("/readyz")[0], 200)
        self.assertEqual(lab.http("/livez")[0], 200)
        wait_until(lambda: "http_connect" in lab.http("/readyz?verbose")[1], 5, "the readiness detail says so")
        lab.start_simulator(*COMPRESSED, "--empty-interval", "150", "--jobs", "3", "--port", port)
        self.finish(lab)

    def test_an_unresolvable_host_is_said_and_survived(self):
        lab = self.lab("--jobs", "1")
        lab.start_redis()
        lab.config.write_text(lab.config.read_text().replace("127.0.0.1:" + lab.where["root"].split(":")[2].split("/")[0],
                                                             "no-such-host.invalid"))
        lab.start_daemon()
        wait_until(lambda: lab.metric("signwatch_polls_total") >= 1, 20, "a poll that fails")
        self.assertEqual(lab.http("/readyz")[0], 200)
        self.assertIn("http_connect", lab.log.read_text())
        self.assertEqual(lab.stop_daemon(), 0)

    def test_restarts_and_reloads_never_poll_early(self):
        lab = self.lab("--empty-interval", "900")  # three seconds
        lab.write_config(FAST.replace('"500ms"', '"3s"', 1))
        lab.start_redis()
        lab.start_daemon()
        wait_until(lambda: lab.referee()["polls"] >= 1, 20, "a first poll")
        for round_number in range(6):
            time.sleep(0.3)
            if round_number % 2:
                lab.daemon.send_signal(1)
            else:
                lab.daemon.kill()
                lab.daemon.wait()
                lab.start_daemon()
        lab.control("POST", "/jobs", {"count": 2})
        self.finish(lab)

    def test_a_bad_reload_changes_nothing_and_a_good_one_everything(self):
        lab = self.lab("--jobs", "2", "--queue", "later")
        lab.start_redis()
        good = lab.config.read_text()
        lab.start_daemon()
        lab.config.write_text(good.replace("organisation", "organisashun"))
        lab.daemon.send_signal(1)
        wait_until(lambda: lab.metric("signwatch_config_last_reload_successful") == 0, 10, "the reload is refused")
        self.assertIn("organisashun", lab.log.read_text())
        self.assertIsNone(lab.daemon.poll())
        lab.config.write_text(good + 'queues = ["", "later"]\n')
        lab.daemon.send_signal(1)
        wait_until(lambda: lab.metric("signwatch_config_last_reload_successful") == 1, 10, "the reload succeeds")
        self.finish(lab)

    def test_html_instead_of_a_pdf_is_parked_and_taken_up_again_on_request(self):
        lab = self.lab("--jobs", "1", "--fault", "pades-html", account=FAST + "max_attempts = 2\n")
        lab.start_redis()
        lab.start_daemon()
        wait_until(lambda: lab.metric("signwatch_parked_updates") == 1, 30, "the update is parked")
        self.assertFalse(lab.all_confirmed())
        self.assertEqual(lab.entries()[-1][1]["type"], "io.signwatch.signature.attention.v1")
        lab.control("POST", "/faults", {"clear": True})
        lab.cli("process", "retry", "acme", "--config", lab.config)
        wait_until(lab.all_confirmed, 30, "confirmed after the retry")
        wait_until(lambda: len(lab.entries()) == 2, 10, "the completion is published")
        self.assertEqual(lab.check(2)["violations"], 0)
        self.assertEqual(lab.entries()[-1][1]["type"], "io.signwatch.signature.completed.v1")

    def test_an_unknown_job_status_is_kept_and_never_confirmed(self):
        lab = self.lab("--jobs", "1", "--fault", "unknown-job-status")
        lab.start_redis()
        lab.start_daemon()
        wait_until(lambda: len(lab.entries()) == 1, 20, "the attention event")
        wait_until(lambda: lab.referee()["redeliveries"] >= 1, 20, "the provider offers it again")
        self.assertFalse(lab.all_confirmed())
        self.assertEqual(lab.entries()[0][1]["type"], "io.signwatch.signature.attention.v1")
        self.assertGreaterEqual(lab.metric("signwatch_unknown_job_status_total"), 1)

    def test_sigterm_lets_what_is_in_flight_finish_and_a_second_daemon_is_refused(self):
        lab = self.lab("--jobs", "30", "--rtt", "20")
        lab.start_redis()
        lab.start_daemon()
        second = subprocess.run([lab.binaries / "signwatch", "run", "--config", lab.config], capture_output=True, timeout=20)
        self.assertEqual(second.returncode, 4, second.stderr)
        wait_until(lambda: lab.referee()["polls"] >= 5, 20, "polls")
        started = time.monotonic()
        self.assertEqual(lab.stop_daemon(), 0)
        self.assertLess(time.monotonic() - started, 10)
        lab.start_daemon()
        self.finish(lab)

    def test_metrics_are_clean_and_logs_hold_no_personal_data(self):
        lab = self.lab("--jobs", "8", "--flow", "both", account=FAST + 'flows = ["portal", "direct"]\n')
        lab.start_redis()
        lab.start_daemon()
        self.finish(lab)
        metrics = lab.http("/metrics")[1]
        checked = subprocess.run(["promtool", "check", "metrics"], input=metrics, capture_output=True, text=True)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))
        canaries = lab.control("GET", "/canaries")
        self.assertTrue(canaries)
        told = lab.log.read_text() + metrics + json.dumps(lab.entries()) + lab.cli("process", "list", "--json", "--config",
                                                                                  lab.config).stdout
        for canary in canaries:
            self.assertNotIn(canary, told)


class PostenFaults(Laboratory):
    def test_every_fault_of_the_provider_is_survived(self):
        for fault in ("time-missing:3", "time-malformed:3", "time-past:2", "time-offsetless:2", "ns4-prefix", "extra-elements",
                      "since-missing", "html-503:2", "slow-body:1", "cut-after-headers:1", "unknown-signer-status",
                      "pades-500:1", "pades-html:1", "pades-truncated:1", "pades-cut:1", "pades-empty:1",
                      "pades-wrong-type:1", "xades-truncated:1", "doctype:1", "confirm-500:1", "confirm-reply-lost:1",
                      "confirm-slow:1", "dos-block:1", "gzip:1", "foreign-urls:1", "hidden-gate:1"):
            with self.subTest(fault=fault):
                with Lab(BINARIES) as lab:
                    lab.start_simulator(*COMPRESSED, "--empty-interval", "150", "--limits", "gate", "--jobs", "4",
                                        "--signers", "2", "--fault", fault)
                    lab.write_config(FAST + "calls_per_second = 0\n")
                    lab.start_redis()
                    lab.start_daemon()
                    self.finish(lab)


if __name__ == "__main__":
    unittest.main(verbosity=2)
