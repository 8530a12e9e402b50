#!/usr/bin/python3
"""Processes that are looked at one by one, at the SignHub simulator: registration, looks, documents, orders, faults."""
import json
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import Lab, wait_until  # noqa: E402

BINARIES = sys.argv.pop(1)

FAST = """
interval = "1s"
first_backoff = "1s"
longest_backoff = "2s"
calls_per_second = 200
concurrency = 8
"""


class SignHubTest(unittest.TestCase):
    def lab(self, *simulator_options, account=FAST):
        lab = Lab(BINARIES)
        lab.__enter__()
        self.addCleanup(lab.__exit__, None, None, None)
        self.addCleanup(lambda: self.show_log(lab))
        if "--window" not in simulator_options:
            simulator_options += ("--window", "4", "--step", "1")
        lab.hub = lab.add_simulator("signhub", "--pdf-size", "20000", *simulator_options)
        lab.write_accounts(lab.hub.account("hub", account))
        return lab

    def show_log(self, lab):
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            lab.show_log()

    def register(self, lab, **terms):
        """All flows of the simulator, in one file. Returns their ids."""
        flows = [str(flow["flow"]) for flow in lab.hub.control("GET", "/flows")["flows"]]
        lines = [json.dumps({"account": "hub", "processId": flow, "correlationId": f"loan-{flow}", **terms}) for flow in flows]
        listing = lab.folder / "processes.jsonl"
        listing.write_text("\n".join(lines) + "\n")
        lab.cli("process", "add", "--config", lab.config, "--file", listing)
        return flows

    def events_of(self, lab, flow):
        return [event for _, event in lab.entries() if event["subject"] == flow]

    def all_ended(self, lab, flows):
        ended = {event["subject"] for _, event in lab.entries() if event["data"]["terminal"]}
        return ended >= set(flows)

    def referee_is_content(self, lab):
        referee = lab.hub.referee()
        self.assertEqual(referee["violations"], 0, json.dumps(referee, indent=1))
        return referee

    def test_every_flow_comes_home_once(self):
        lab = self.lab("--flows", "40", "--changing", "100", "--mix", "finished=60,declined=20,cancelled=10,passed=10", "--items", "2",
                       "--min-interval", "1")
        lab.start_redis()
        lab.start_daemon()
        flows = self.register(lab, labels={"branch": "Oslo"})
        wait_until(lambda: self.all_ended(lab, flows), 60, "every flow has ended")
        entries = lab.check_events(len(lab.entries()))
        for flow in flows:
            last = self.events_of(lab, flow)[-1]
            truth = lab.hub.control("GET", f"/flows/{flow}")
            self.assertEqual(last["correlationid"], f"loan-{flow}")
            self.assertEqual(last["data"]["labels"], {"branch": "Oslo"})
            completed = truth["ending"] in ("finished", "passed")
            self.assertEqual(last["data"]["status"] == "completed", completed, flow)
            self.assertEqual(len(last["data"]["documents"]), 1 if completed else 0)
            if completed:
                self.assertEqual(last["data"]["documents"][0]["sha256"], truth["sha256"])
        self.assertEqual(len({event["id"] for _, event in entries}), len(entries))
        referee = self.referee_is_content(lab)
        self.assertEqual(referee["looks_after_end"], 0)
        wait_until(lambda: lab.metric("signwatch_account_watches") == 0, 10, "no flow is looked at any more")
        self.assertEqual(lab.stop_daemon(), 0)

    def test_registering_is_idempotent_and_conflicts_are_named(self):
        lab = self.lab("--flows", "3", "--changing", "0")
        lab.start_redis()
        lab.start_daemon()
        flows = self.register(lab)
        again = lab.cli("process", "add", "hub", flows[0], "--correlation-id", f"loan-{flows[0]}", "--config", lab.config, "--json")
        self.assertEqual(json.loads(again.stdout)["outcome"], "unchanged")
        conflict = lab.cli("process", "add", "hub", flows[0], "--correlation-id", "other", "--config", lab.config, check=False)
        self.assertEqual(conflict.returncode, 1)
        self.assertIn(f"loan-{flows[0]}", conflict.stderr)
        self.assertIn("other", conflict.stderr)
        wrong = lab.cli("process", "add", "hub", "abc", "--correlation-id", "c", "--config", lab.config, check=False)
        self.assertEqual(wrong.returncode, 1)
        nobody = lab.cli("process", "add", "nobody", "1", "--correlation-id", "c", "--config", lab.config, check=False)
        self.assertIn("no account nobody", nobody.stderr)

    def test_orders_are_obeyed_while_the_daemon_runs(self):
        lab = self.lab("--flows", "4", "--changing", "0", account=FAST.replace('"1s"', '"1h"', 1))
        lab.start_redis()
        lab.start_daemon()
        first, second, third, fourth = self.register(lab)

        def order(word, flow):
            return lab.cli("process", word, "hub", flow, "--config", lab.config, check=False).returncode

        looks = lambda flow: lab.hub.control("GET", f"/flows/{flow}")["looks"]  # noqa: E731
        self.assertEqual(order("poll-now", first), 0)
        wait_until(lambda: looks(first) == 1, 10, "a look out of turn")
        self.assertEqual(order("pause", second), 0)
        self.assertEqual(order("poll-now", second), 1)
        self.assertEqual(order("resume", second), 0)
        self.assertEqual(order("remove", third), 0)
        self.assertEqual(order("poll-now", third), 1)
        self.assertEqual(order("poll-now", "999999"), 1)
        time.sleep(1)
        self.assertEqual(looks(third), 0)
        listed = json.loads(lab.cli("process", "list", "--config", lab.config, "--json").stdout)["processes"]
        self.assertEqual({row["process_id"]: row["looked_at"] for row in listed},
                         {first: "yes", second: "yes", third: "removed", fourth: "yes"})

    def test_a_local_deadline_is_reported_once_and_the_end_afterwards(self):
        lab = self.lab("--flows", "1", "--changing", "100", "--mix", "finished=100", "--window", "8", "--step", "4")
        lab.start_redis()
        lab.start_daemon()
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
        flow = self.register(lab, deadline=soon)[0]
        wait_until(lambda: any(e["data"]["status"] == "expired" for e in self.events_of(lab, flow)), 20, "the deadline is reported")
        wait_until(lambda: self.all_ended_for_good(lab, flow), 60, "the flow completes")
        told = [event["data"]["status"] for event in self.events_of(lab, flow)]
        self.assertEqual(told.count("expired"), 1)
        self.assertEqual(told[-2:], ["expired", "completed"])
        expired = next(e for e in self.events_of(lab, flow) if e["data"]["status"] == "expired")
        self.assertEqual(expired["data"]["reason"]["code"], "local-deadline")
        lab.check_events(len(lab.entries()))

    def all_ended_for_good(self, lab, flow):
        return any(e["data"]["status"] == "completed" for e in self.events_of(lab, flow))

    def test_faults_of_the_provider_lose_nothing(self):
        faults = ["no-envelope", "pascal-case", "numbers-as-strings", "enum-names", "offset-missing", "unknown-status", "items-disagree",
                  "error-string", "html-200", "empty-200", "truncated", "throttled", "html-503", "cut-before", "cut-in-body",
                  "pdf-400", "pdf-500", "pdf-html", "pdf-empty", "pdf-truncated", "pdf-cut"]
        lab = self.lab("--flows", "12", "--changing", "100", "--mix", "finished=100", *[o for f in faults for o in ("--fault", f + ":2")])
        lab.start_redis()
        lab.start_daemon()
        flows = self.register(lab)
        wait_until(lambda: self.all_ended(lab, flows), 120, "every flow has ended")
        lab.check_events(len(lab.entries()))
        for flow in flows:
            self.assertEqual(self.events_of(lab, flow)[-1]["data"]["status"], "completed")

    def test_restarts_forget_nothing_and_look_no_sooner(self):
        lab = self.lab("--flows", "20", "--changing", "100", "--mix", "finished=100", "--min-interval", "1")
        lab.start_redis()
        lab.start_daemon()
        flows = self.register(lab)
        for _ in range(4):
            time.sleep(1)
            lab.daemon.kill()
            lab.daemon.wait()
            lab.start_daemon()
        wait_until(lambda: self.all_ended(lab, flows), 200, "every flow has ended")
        lab.check_events(len(lab.entries()))
        self.referee_is_content(lab)

    def test_no_personal_data_leaves_the_store(self):
        lab = self.lab("--flows", "6", "--changing", "100", "--mix", "finished=100")
        lab.start_redis()
        lab.start_daemon("--log-level", "debug")
        flows = self.register(lab)
        wait_until(lambda: self.all_ended(lab, flows), 60, "every flow has ended")
        told = lab.log.read_text() + lab.http("/metrics")[1] + json.dumps([event for _, event in lab.entries()])
        told += lab.cli("process", "show", "hub", flows[0], "--config", lab.config, "--json").stdout
        canaries = lab.hub.control("GET", "/canaries")
        self.assertTrue(canaries)
        for canary in canaries:
            self.assertNotIn(canary, told)


if __name__ == "__main__":
    unittest.main(verbosity=2)
