#!/usr/bin/python3
"""The admin listener of the real daemon: registered over HTTP, found again in events and snapshots."""
import http.client
import json
import os
import pathlib
import signal
import socket
import sys
import unittest

import jsonschema

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import SOURCE, Lab, wait_until  # noqa: E402

BINARIES = sys.argv.pop(1)
TOKEN = "a-token-of-the-right-length"
FAST = """
empty_interval = "500ms"
floor_interval = "50ms"
"""


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class AdminTest(unittest.TestCase):
    def start(self, top=""):
        lab = Lab(BINARIES)
        lab.__enter__()
        self.addCleanup(lab.__exit__, None, None, None)
        lab.start_simulator("--clock-rate", "300", "--empty-interval", "150", "--jobs", "3")
        lab.write_config(FAST, top)
        lab.start_redis()
        return lab

    def ask(self, lab, method, target, body=None, **headers):
        connection = Connection(str(lab.folder / "store/admin.sock"))
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, target, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else None

    def register(self, lab, process, correlation):
        return self.ask(lab, "POST", "/v1/processes",
                        {"account": "acme", "processId": process, "correlationId": correlation})

    def test_a_consumer_that_lost_its_events_rebuilds_from_the_snapshot(self):
        lab = self.start()
        lab.start_daemon()
        job = str(lab.jobs()[0]["job"])
        status, answer = self.register(lab, job, "loan 1")
        self.assertEqual((status, answer["outcome"]), (201, "added"))
        self.assertEqual(self.register(lab, job, "loan 1")[0], 200)
        self.assertEqual(self.register(lab, job, "loan 2")[0], 409)
        wait_until(lab.all_confirmed, 30, "every job confirmed")

        def snapshot():
            found = self.ask(lab, "GET", "/v1/processes?correlationId=loan%201")[1]["processes"]
            return found[0] if found and found[0]["stage"] == "acknowledged" else None
        known = wait_until(snapshot, 10, "the snapshot")
        document = json.loads((SOURCE / "schema/openapi/admin.v1.json").read_text())
        schema = {"$ref": "#/components/schemas/Snapshot", "components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(known)
        self.assertTrue(known["documents"] and known["participants"] and known["updates"] and known["history"])
        self.assertEqual(json.loads(lab.cli("process", "show", "acme", job, "--json", "--config", lab.config).stdout), known)
        last = [event for _, event in lab.entries() if event["data"]["providerDocumentId"] == job][-1]
        self.assertEqual(known["history"][-1], last["data"]["historyEntry"])
        self.assertEqual(known["sequence"], int(last["sequence"]))
        self.assertEqual(self.ask(lab, "POST", f"/v1/processes/acme/{job}/pause")[0], 409)
        self.assertIn('signwatch_admin_requests_total{route="register",status="409"} 1\n', lab.http("/metrics")[1])
        self.assertEqual(lab.stop_daemon(), 0)
        self.assertFalse(os.path.exists(lab.folder / "store/admin.sock"))

    def test_a_reload_renews_the_token_but_cannot_move_the_listener(self):
        lab = self.start()
        token = lab.folder / "token"
        token.write_text(TOKEN)
        token.chmod(0o600)
        lab.write_config(FAST, f'[admin]\ntoken_file = "{token}"')
        lab.start_daemon()
        self.assertEqual(self.ask(lab, "GET", "/v1/processes")[0], 401)
        self.assertEqual(self.ask(lab, "GET", "/v1/processes", Authorization="Bearer " + TOKEN)[0], 200)
        token.write_text(TOKEN.upper())
        lab.daemon.send_signal(signal.SIGHUP)
        wait_until(lambda: self.ask(lab, "GET", "/v1/processes", Authorization="Bearer " + TOKEN.upper())[0] == 200,
                   10, "the new token")
        self.assertEqual(self.ask(lab, "GET", "/v1/processes", Authorization="Bearer " + TOKEN)[0], 401)
        lab.write_config(FAST, '[admin]\nlisten = "off"')
        lab.daemon.send_signal(signal.SIGHUP)
        wait_until(lambda: "a reload cannot change [admin]" in lab.log.read_text(), 10, "the refusal in the log")
        self.assertNotIn(TOKEN, lab.log.read_text())
        self.assertEqual(lab.stop_daemon(), 0)

    def test_switched_off_there_is_no_socket(self):
        lab = self.start('[admin]\nlisten = "off"')
        lab.start_daemon()
        self.assertFalse(os.path.exists(lab.folder / "store/admin.sock"))
        self.assertEqual(lab.stop_daemon(), 0)


if __name__ == "__main__":
    unittest.main()
