"""The inbound listener of a laboratory's daemon: its table in the configuration, its address, and what it has taken."""
import http.client
import pathlib
import sqlite3
import ssl


class Door:
    """Where notifications come in, over TLS with the certificate that a simulator made for listeners."""

    def __init__(self, lab, simulator):
        self.lab = lab
        self.port = lab.ports.take()
        self.ca = simulator.where["ca_file"]
        self.certificate = self.in_folder(simulator, "listener_certificate_file")
        self.key = self.in_folder(simulator, "listener_key_file")
        self.tls = ssl.create_default_context(cafile=self.ca)

    @staticmethod
    def in_folder(simulator, name):
        return pathlib.Path(simulator.where["ca_file"]).parent / simulator.where[name]

    def table(self, more=""):
        """The [inbound] table."""
        return f"""
[inbound]
listen = "127.0.0.1:{self.port}"
certificate_file = "{self.certificate}"
key_file = "{self.key}"
{more}
"""

    def url(self, account):
        return f"https://127.0.0.1:{self.port}/webhooks/{account}"

    def connect(self):
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=self.tls)

    def post(self, account, body, headers, connection=None):
        """The status, the headers and the body of the answer."""
        mine = connection or self.connect()
        mine.request("POST", f"/webhooks/{account}", body, {"Content-Type": "application/json", **headers})
        answer = mine.getresponse()
        text = answer.read()
        if connection is None:
            mine.close()
        return answer.status, answer.headers, text

    def ask(self, query, *values):
        """The first row that the store answers, whether the daemon runs or not."""
        database = sqlite3.connect(f"file:{self.lab.folder / 'store/state.db'}?mode=ro", uri=True)
        try:
            return database.execute(query, values).fetchone()
        finally:
            database.close()

    def taken(self):
        """How many notifications are in the store, told apart by their keys."""
        return self.ask("SELECT COUNT(*) FROM notification")[0]

    def unread(self):
        return self.ask("SELECT COUNT(*) FROM notification WHERE due_at IS NOT NULL")[0]

    def set_aside(self):
        return self.ask("SELECT COUNT(*) FROM notification WHERE set_aside IS NOT NULL")[0]

    def received(self, account, result):
        """How many notifications the daemon counted with this result since its start."""
        for line in self.lab.http("/metrics")[1].splitlines():
            if line.startswith(f'signwatch_webhooks_received_total{{account="{account}",') and f'result="{result}"' in line:
                return int(float(line.rsplit(" ", 1)[1]))
        return 0
