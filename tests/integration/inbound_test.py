#!/usr/bin/python3
"""The inbound listener of the real daemon: what is answered 200 is in the store, whatever happens next."""
import base64
import hashlib
import hmac
import http.client
import pathlib
import signal
import socket
import sqlite3
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import Lab, wait_until  # noqa: E402

BINARIES = sys.argv.pop(1)
KEY = b"3d0c9a52-77aa-4f0e-8b1d-90aa11bb22cc"


def body(number):
    return (f'{{"Evento":"ProcessoConcluido","IdProcesso":"7b1d8f0e-6f0a-4a57-9f0e-{number:012x}",'
            f'"DataHoraAtual":"14/02/2025 18:22:41"}}').encode()


def signature(text):
    return base64.b64encode(hmac.new(KEY, text, hashlib.sha256).digest()).decode()


class InboundTest(unittest.TestCase):
    def setUp(self):
        self.lab = Lab(BINARIES)
        self.lab.__enter__()
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.port = self.lab.ports.take()
        for name, text in (("app.key", "app"), ("subscription.key", "subscription"), ("hmac.key", KEY.decode())):
            path = self.lab.folder / name
            path.write_text(text)
            path.chmod(0o600)
        self.configure("/first-path")
        self.lab.start_redis()
        self.lab.start_daemon()

    def configure(self, path, more=""):
        secret = self.lab.folder / "webhook.path"
        secret.write_text(path + "\n")
        secret.chmod(0o600)
        self.lab.write_accounts(f"""
[[account]]
name = "rio"
provider = "arqsign"
root_url = "https://127.0.0.1:1"
app_key_file = "app.key"
subscription_key_file = "subscription.key"
calls_per_month = 400
webhook_path_file = "webhook.path"
webhook_hmac_key_file = "hmac.key"
{more}
""", f'[inbound]\nlisten = "127.0.0.1:{self.port}"\n')

    def post(self, text, path="/first-path", key=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("POST", path, text, {"HMAC": key or signature(text), "Content-Type": "application/json"})
        answer = connection.getresponse()
        self.assertEqual(answer.read(), b"")
        connection.close()
        return answer.status

    def queued(self):
        database = sqlite3.connect(f"file:{self.lab.folder / 'store/state.db'}?mode=ro", uri=True)
        try:
            return database.execute("SELECT COUNT(*) FROM notification").fetchone()[0]
        finally:
            database.close()

    def received(self, result):
        text = f'signwatch_webhooks_received_total{{account="rio",provider="arqsign",result="{result}"}} '
        lines = [line for line in self.lab.http("/metrics")[1].splitlines() if line.startswith(text)]
        return float(lines[0].removeprefix(text)) if lines else 0

    def test_what_was_answered_survives_a_kill_and_is_known_when_it_comes_again(self):
        for number in range(20):
            self.assertEqual(self.post(body(number)), 200)
        self.lab.daemon.send_signal(signal.SIGKILL)
        self.lab.daemon.wait(10)
        self.assertEqual(self.queued(), 20)
        self.lab.start_daemon()
        self.assertEqual(self.post(body(7)), 200)
        self.assertEqual(self.received("repeated"), 1)
        self.assertEqual(self.queued(), 20)

    def test_strangers_learn_nothing(self):
        text = body(1)
        self.assertEqual(self.post(text, key=signature(b"other")), 400)
        self.assertEqual(self.post(text, path="/webhooks/rio"), 400)
        self.assertEqual(self.post(text, path="/"), 400)
        self.assertEqual(self.queued(), 0)
        self.assertEqual(self.received("refused"), 1)
        log = self.lab.log.read_text()
        for secret in ("first-path", KEY.decode(), "7b1d8f0e", "127.0.0.1:1/"):
            self.assertNotIn(secret, log)

    def test_a_reload_moves_the_path_and_a_bad_one_moves_nothing(self):
        self.configure("no path")
        self.lab.daemon.send_signal(signal.SIGHUP)
        wait_until(lambda: "reload refused" in self.lab.log.read_text(), 10, "the reload is refused")
        self.assertEqual(self.post(body(1)), 200)
        self.configure("/second-path?key=1")
        self.lab.daemon.send_signal(signal.SIGHUP)
        wait_until(lambda: self.post(body(2), path="/second-path?key=1") == 200, 10, "the new path is known")
        self.assertEqual(self.post(body(3)), 400)
        self.assertEqual(self.post(body(3), path="/second-path"), 400)

    def test_a_request_that_has_begun_is_finished_at_the_end(self):
        text = body(1)
        head = (f"POST /first-path HTTP/1.1\r\nHost: x\r\nHMAC: {signature(text)}\r\n"
                f"Content-Length: {len(text)}\r\n\r\n").encode()
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as begun:
            begun.sendall(head + text[:10])
            time.sleep(0.3)
            self.lab.daemon.send_signal(signal.SIGTERM)
            wait_until(lambda: '"stopping"' in self.lab.log.read_text(), 10, "it stops")
            begun.sendall(text[10:])
            self.assertTrue(begun.recv(1000).startswith(b"HTTP/1.1 200 "))
        self.assertEqual(self.lab.daemon.wait(15), 0)
        self.assertEqual(self.queued(), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
