"""When events reach their consumers."""
import json
import threading
import time


class Arrivals(threading.Thread):
    """Notes when each job's event is in Redis."""

    def __init__(self, lab):
        super().__init__(daemon=True)
        self.lab, self.seen, self.done = lab, {}, False

    def run(self):
        client, last = self.lab.redis(), "0-0"
        while not self.done:
            for _, entries in client.xread({"signwatch:events": last}, count=1000, block=100) or []:
                now = time.time() * 1000
                for entry, fields in entries:
                    last = entry
                    self.seen[json.loads(fields[b"ce"])["subject"]] = now
