#!/usr/bin/python3
"""Notifications that are repeated, reordered, forged or odd, from both senders: nothing genuine is refused, nothing forged is taken,
nothing is told twice."""
import base64
import hashlib
import hmac
import json
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from hooks import Door  # noqa: E402
from lab import SOURCE, Lab, wait_until  # noqa: E402

BINARIES = sys.argv.pop(1)
# Bodies as providers sent them, where they are at hand: beside the project, and never part of it.
SAMPLES = SOURCE.parent / "shared/provider-data"
REPEATS = 1_000
OPEN = "rate_per_address = 0\nconnections_per_address = 0\nrate_per_account = 0\n"


def hmac_of(key, text):
    return base64.b64encode(hmac.new(key.encode(), text, hashlib.sha256).digest()).decode()


class HooksTest(unittest.TestCase):
    def lab(self, provider, *options):
        lab = Lab(BINARIES)
        lab.__enter__()
        self.addCleanup(lab.__exit__, None, None, None)
        self.addCleanup(lambda: self.show_log(lab))
        lab.sender = lab.add_simulator(provider, *options)
        lab.door = Door(lab, lab.sender)
        lab.start_redis()
        return lab

    def show_log(self, lab):
        result = self._outcome.result
        if any(test is self for test, _ in result.failures + result.errors):
            lab.show_log()

    def adobe(self, *options):
        """Looks come by notifications alone: the regular ones are an hour apart."""
        lab = self.lab("adobe", "--identical", "1000/1", *options)
        lab.client = lab.sender.where["client_id"]
        lab.write_accounts(lab.sender.account("sign", f"""
webhook_client_ids = ["{lab.client}"]
sweep = "off"
interval = "1h"
repeat_gap = "1s"
calls_per_second = 50
"""), lab.door.table(OPEN))
        lab.start_daemon()
        lab.hook = lab.sender.control("POST", "/webhooks", {"url": lab.door.url("sign")})["webhook"]
        return lab

    def arqsign(self, *options):
        lab = self.lab("arqsign", "--per-hour", "0", "--per-month", "0", *options)
        lab.hook = lab.sender.control("POST", "/webhooks", {"url": lab.door.url("rio")})
        key = lab.folder / "hmac.key"
        key.write_text(lab.hook["hmac_key"] + "\n")
        key.chmod(0o600)
        lab.write_accounts(lab.sender.account("rio", f"""
calls_per_month = 0
interval = "24h"
webhook_hmac_key_file = "{key}"
webhook_ids = ["{lab.hook['webhook']}"]
webhook_account_id = "{lab.hook['account']}"
"""), lab.door.table(OPEN))
        lab.start_daemon()
        return lab

    def register(self, lab, account, processes):
        listing = lab.folder / "processes.jsonl"
        listing.write_text("".join(json.dumps({"account": account, "processId": process, "correlationId": f"loan-{number}"}) + "\n"
                                   for number, process in enumerate(processes)))
        lab.cli("process", "add", "--config", lab.config, "--file", listing)

    def wait_for_ends(self, lab, processes):
        ended = lambda: {e["subject"] for _, e in lab.entries() if e["data"]["status"] == "completed"}  # noqa: E731
        wait_until(lambda: ended() == set(processes), 120, "every process is published")

    def all_told(self, lab):
        return all(one["state"] != "queued" for one in lab.sender.control("GET", "/notifications")["notifications"])

    def nothing_doubled(self, lab, processes):
        entries = lab.check_events(len(lab.entries()))
        ends = [e["subject"] for _, e in entries if e["data"]["terminal"]]
        self.assertEqual(sorted(ends), sorted(processes))

    def referee_is_content(self, lab):
        referee = lab.sender.referee()
        self.assertEqual(referee["violations"], 0, json.dumps(referee, indent=1))
        self.assertEqual(referee.get("hooks_refused", 0), 0, json.dumps(referee, indent=1))
        return referee

    def test_adobe_repeats_reorders_and_forges(self):
        faults = ("hook-duplicate:0.3", "hook-reorder:0.3", "hook-no-client-id:0.2", "hook-wrong-client-id:0.2", "hook-unknown-event:0.1",
                  "hook-upper-case:0.2", "hook-trimmed-strings:0.1", "hook-trimmed-objects:0.1")
        lab = self.adobe(*(part for fault in faults for part in ("--fault", fault)))
        made = lab.sender.control("POST", "/agreements", {"count": 12, "participants": 2, "first_ms": 8000, "step_ms": 500,
                                                          "spread_ms": 4000})["agreements"]
        self.register(lab, "sign", made)
        self.wait_for_ends(lab, made)
        wait_until(lambda: self.all_told(lab), 60, "every notification has been taken")
        taken = lab.door.taken()
        before = lab.sender.referee().get("hook_repeats_acknowledged", 0)
        lab.sender.control("POST", "/faults", {"clear": ["hook-unknown-event"]})  # what says something else is no repeat
        lab.sender.control("POST", "/webhooks/replay", {"webhook": lab.hook, "times": REPEATS})
        wait_until(lambda: lab.sender.referee().get("hook_repeats_acknowledged", 0) >= before + REPEATS, 120, "every repeat is taken")
        wait_until(lambda: lab.door.unread() == 0, 60, "everything is read")
        self.assertEqual(lab.door.taken(), taken)
        self.assertGreaterEqual(lab.door.received("sign", "repeated"), REPEATS)
        referee = self.referee_is_content(lab)
        self.assertGreater(referee["hooks_forged"], 0)
        self.nothing_doubled(lab, made)

    def test_arqsign_repeats_reorders_and_forges(self):
        faults = ("hook-duplicate:0.3", "hook-reorder:0.3", "hook-bad-hmac:0.3", "hook-no-hmac:0.3", "hook-other-account:0.3",
                  "hook-camel-case:0.3", "hook-no-id-evento:0.3")
        lab = self.arqsign("--clock-rate", "60", *(part for fault in faults for part in ("--fault", fault)))
        made = lab.sender.control("POST", "/processes", {"count": 8, "signers": 2, "documents": 1, "sent_ms": 0, "end": "completed",
                                                         "end_ms": 600_000, "spread_ms": 300_000})["processes"]
        self.register(lab, "rio", made)
        self.wait_for_ends(lab, made)
        wait_until(lambda: self.all_told(lab), 60, "every notification has been taken")
        body = json.dumps({"Evento": "ProcessoConcluido", "IdProcesso": made[0], "IdConta": lab.hook["account"],
                           "IdWebhook": lab.hook["webhook"], "IdEvento": 8, "DataHoraAtual": "14/02/2025 18:22:41"}).encode()
        taken = lab.door.taken()
        connection = lab.door.connect()
        for number in range(REPEATS):
            status, _, text = lab.door.post("rio", body, {"HMAC": hmac_of(lab.hook["hmac_key"], body)}, connection)
            self.assertEqual((status, text), (200, b""))
            if number % 10 == 0:
                status, _, text = lab.door.post("rio", body, {"HMAC": hmac_of("another key", body)})
                self.assertEqual((status, text), (400, b""))
        connection.close()
        wait_until(lambda: lab.door.unread() == 0, 60, "everything is read")
        self.assertEqual(lab.door.taken(), taken + 1)
        self.assertEqual(lab.door.received("rio", "repeated") >= REPEATS - 1, True)
        time.sleep(1)  # whatever a repeat might set off
        referee = self.referee_is_content(lab)
        self.assertGreater(referee["hooks_forged"], 0)
        self.nothing_doubled(lab, made)

    def bodies(self, folder, pattern, own):
        found = sorted((SAMPLES / folder).glob(pattern))
        if not found:
            print(f"no sample bodies in {SAMPLES / folder}: only the project's own are sent", flush=True)
        return [path.read_bytes() for path in [*sorted((SOURCE / own).glob("notification*.json")), *found]]

    def test_every_body_of_adobe_is_taken(self):
        lab = self.adobe()
        bodies = self.bodies("adobe", "notification*.json", "providers/adobe_sign/fixtures")
        self.assertGreaterEqual(len(bodies), 2)
        for body in bodies:
            status, headers, text = lab.door.post("sign", body, {"X-AdobeSign-ClientId": lab.client})
            self.assertEqual(status, 200)
            self.assertEqual(headers["X-AdobeSign-ClientId"], lab.client)
            self.assertEqual(json.loads(text), {"xAdobeSignClientId": lab.client})
            for stranger in ({}, {"X-AdobeSign-ClientId": lab.client + "x"}):
                status, headers, text = lab.door.post("sign", body, stranger)
                self.assertEqual((status, text, headers.get("X-AdobeSign-ClientId")), (400, b"", None))
        self.assertEqual(lab.door.received("sign", "queued") + lab.door.received("sign", "repeated"), len(bodies))
        self.assertEqual(lab.door.taken(), lab.door.received("sign", "queued"))
        wait_until(lambda: lab.door.unread() == 0, 30, "everything is read")
        self.assertEqual(lab.door.set_aside(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
