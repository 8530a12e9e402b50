#!/usr/bin/python3
"""Agreements at the Adobe simulator: looks, webhooks, sweeps, documents, restarts; no early call, no late answer."""
import json
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import Lab, wait_until  # noqa: E402

BINARIES = sys.argv.pop(1)

# The simulator's minute lasts a second: the same may be asked three times in it.
FAST = """
repeat_gap = "500ms"
interval = "600ms"
first_backoff = "600ms"
longest_backoff = "2s"
calls_per_second = 0
concurrency = 8
"""
OAUTH = ("client_secret_file", "refresh_token_file")
ENDS = {"signed": "completed", "rejected": "rejected", "expired": "expired", "recalled": "cancelled", "kba_attempts": "cancelled",
        "conversion_failed": "failed"}


class AdobeTest(unittest.TestCase):
    def lab(self, account="", keys=None, *simulator_options, start=True):
        lab = Lab(BINARIES)
        lab.__enter__()
        self.addCleanup(lab.__exit__, None, None, None)
        self.addCleanup(lambda: self.show_log(lab))
        lab.adobe = lab.add_simulator("adobe", "--clock-rate", "60", *simulator_options)
        if keys:
            account += f'client_id = "{lab.adobe.where["client_id"]}"\n'
        lab.hook_port = lab.ports.take()
        (lab.folder / "webhook.path").write_text("/adobe-secret-path\n")
        (lab.folder / "webhook.path").chmod(0o600)
        account = account.replace("CLIENT", lab.adobe.where["client_id"])
        lab.write_accounts(lab.adobe.account("adobe", FAST + account, keys), f"""
[inbound]
listen = "127.0.0.1:{lab.hook_port}"
certificate_file = "{lab.adobe.where['listener_certificate_file']}"
key_file = "{lab.adobe.where['listener_key_file']}"
""" if "webhook" in account else "")
        lab.start_redis()
        if start:
            lab.start_daemon("--log-level", "debug")
        return lab

    def show_log(self, lab):
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            lab.show_log()

    def make(self, lab, ending, count=1, **plan):
        plan = {"processed_ms": 30000, "first_ms": 60000, "step_ms": 60000, **plan}
        made = lab.adobe.control("POST", "/agreements", {"ending": ending, "count": count, **plan})
        return made["agreements"]

    def register(self, lab, agreements):
        lines = [json.dumps({"account": "adobe", "processId": a, "correlationId": f"loan-{a}"}) for a in agreements]
        listing = lab.folder / "agreements.jsonl"
        listing.write_text("\n".join(lines) + "\n")
        lab.cli("process", "add", "--config", lab.config, "--file", listing)

    def ends(self, lab):
        return [event for _, event in lab.entries() if event["data"]["terminal"]]

    def await_ends(self, lab, agreements, seconds=60):
        wait_until(lambda: {e["subject"] for e in self.ends(lab)} >= set(agreements), seconds, "every agreement has ended")
        ended = [event["subject"] for event in self.ends(lab)]
        self.assertEqual(sorted(ended), sorted(agreements))
        lab.check_events(len(lab.entries()))

    def referee_is_content(self, lab):
        referee = lab.adobe.referee()
        self.assertEqual(referee["violations"], 0, json.dumps(referee, indent=1))

    def every_ending(self, keys):
        lab = self.lab("", keys, "--token-life", "120")  # two real seconds
        made = {ending: self.make(lab, ending, 2) for ending in ENDS}
        agreements = [agreement for some in made.values() for agreement in some]
        self.register(lab, agreements)
        self.await_ends(lab, agreements)
        told = {event["subject"]: event["data"] for event in self.ends(lab)}
        for ending, some in made.items():
            for agreement in some:
                self.assertEqual(told[agreement]["status"], ENDS[ending], ending)
                self.assertEqual(len(told[agreement]["documents"]), 2 if ending == "signed" else 0, ending)
        for agreement in made["kba_attempts"]:
            self.assertEqual(told[agreement]["reason"]["code"], "authentication-attempts-exceeded")
        self.referee_is_content(lab)
        text = lab.log.read_text() + lab.http("/metrics")[1] + json.dumps(lab.entries())
        canaries = lab.adobe.control("GET", "/canaries")
        self.assertTrue(canaries)
        for canary in canaries:
            self.assertNotIn(canary, text)
        self.assertEqual(lab.adobe.referee()["refreshes"] >= 2, keys is not None)
        self.assertEqual(lab.stop_daemon(), 0)

    def test_every_ending_is_told_once_with_an_integration_key(self):
        self.every_ending(None)

    def test_every_ending_is_told_once_with_rotating_tokens(self):
        self.every_ending(OAUTH)

    def test_kills_change_nothing_in_the_count(self):
        lab = self.lab()
        agreements = self.make(lab, "signed", 10, spread_ms=240000)
        self.register(lab, agreements)
        for _ in range(3):
            time.sleep(1.5)
            lab.daemon.kill()
            lab.daemon.wait()
            lab.start_daemon()
        self.await_ends(lab, agreements)
        self.referee_is_content(lab)

    def test_a_webhook_brings_the_end_long_before_the_next_look(self):
        lab = self.lab('webhook_path_file = "webhook.path"\nwebhook_client_ids = ["CLIENT"]\n')
        made = lab.adobe.control("POST", "/webhooks", {"url": f"https://127.0.0.1:{lab.hook_port}/adobe-secret-path"})
        self.assertTrue(made["webhook"])
        agreements = self.make(lab, "signed", 3, first_ms=600000)
        listing = lab.folder / "agreements.jsonl"
        listing.write_text("".join(json.dumps({"account": "adobe", "processId": a, "correlationId": a, "interval": "1h"}) + "\n"
                                   for a in agreements))
        lab.cli("process", "add", "--config", lab.config, "--file", listing)
        self.await_ends(lab, agreements, 40)
        self.assertEqual({event["data"]["observedVia"] for event in self.ends(lab)}, {"webhook"})
        self.referee_is_content(lab)
        notifications = lab.adobe.control("GET", "/notifications")["notifications"]
        self.assertEqual({n["state"] for n in notifications}, {"acknowledged"})

    def restarted(self, lab, agreement):
        self.await_ends(lab, [agreement])
        self.assertEqual(self.ends(lab)[0]["data"]["status"], "expired")
        lab.adobe.control("POST", "/agreements/change", {"agreement": agreement, "restart": True})

    def told_of_restart(self, lab, agreement):
        wait_until(lambda: len(lab.entries()) > self.before and not lab.entries()[-1][1]["data"]["terminal"], 60,
                   "the restarted agreement is told of")
        restarted = lab.entries()[-1][1]
        self.assertEqual((restarted["subject"], restarted["data"]["status"], restarted["data"]["previousStatus"]),
                         (agreement, "in_progress", "expired"))
        lab.adobe.control("POST", "/agreements/change", {"agreement": agreement, "act": True})
        wait_until(lambda: len(self.ends(lab)) == 2, 60, "its second end")
        self.assertEqual(self.ends(lab)[1]["data"]["status"], "completed")
        self.assertEqual(len(self.ends(lab)[1]["data"]["documents"]), 2)
        sequences = [int(event["sequence"]) for _, event in lab.entries()]
        self.assertEqual(sequences, list(range(1, len(sequences) + 1)))
        lab.check_events(len(sequences))
        self.referee_is_content(lab)

    def test_a_webhook_of_a_restart_brings_an_ended_agreement_back(self):
        lab = self.lab('webhook_path_file = "webhook.path"\nwebhook_client_ids = ["CLIENT"]\nsweep = "off"\n')
        lab.adobe.control("POST", "/webhooks", {"url": f"https://127.0.0.1:{lab.hook_port}/adobe-secret-path"})
        [agreement] = self.make(lab, "expired")
        self.register(lab, [agreement])
        self.restarted(lab, agreement)
        self.before = len(lab.entries())
        self.told_of_restart(lab, agreement)

    def test_a_sweep_finds_an_ended_agreement_that_goes_on(self):
        lab = self.lab('sweep_interval = "1m"\n')
        [agreement] = self.make(lab, "expired")
        self.register(lab, [agreement])
        self.restarted(lab, agreement)
        self.before = len(lab.entries())
        lab.daemon.kill()
        lab.daemon.wait()
        lab.start_daemon()
        self.told_of_restart(lab, agreement)

    def test_a_webhook_that_is_not_active_is_shown_and_the_sweep_makes_up_for_it(self):
        lab = self.lab('webhook_path_file = "webhook.path"\nwebhook_client_ids = ["CLIENT"]\n', start=False)
        made = lab.adobe.control("POST", "/webhooks", {"url": f"https://127.0.0.1:{lab.hook_port}/adobe-secret-path", "check": False})
        lab.adobe.control("POST", "/webhooks/state", {"webhook": made["webhook"], "active": False})
        lab.start_daemon()
        line = 'signwatch_webhooks_working{account="adobe"'
        wait_until(lambda: any(text.startswith(line) and text.endswith(" 0") for text in lab.http("/metrics")[1].splitlines()), 15,
                   "the inactive webhook is shown")
        wait_until(lambda: lab.adobe.referee()["searches"] > 0, 10, "a sweep")
        self.referee_is_content(lab)

    def test_the_sweep_adopts_an_agreement_that_nobody_registered(self):
        lab = self.lab('unknown_agreements = "adopt"\nsweep_interval = "1m"\n')
        agreements = self.make(lab, "signed", 1, external_id="loan-7")
        lab.daemon.kill()
        lab.daemon.wait()
        lab.start_daemon()
        self.await_ends(lab, agreements, 80)
        self.assertEqual(self.ends(lab)[0]["correlationid"], "loan-7")
        self.assertEqual(len(self.ends(lab)[0]["data"]["documents"]), 2)
        self.referee_is_content(lab)


if __name__ == "__main__":
    unittest.main(verbosity=2)
