#!/usr/bin/python3
"""Commands through a real Redis to the real daemon: what its operators and the senders of commands see."""
import json
import pathlib
import sys
import time
import unittest

import jsonschema

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import SOURCE, Lab, wait_until  # noqa: E402

BINARIES = sys.argv.pop(1)
STREAM = "signwatch:commands"
RESULTS = STREAM + ":results"
DEAD = STREAM + ":dead"


def schema(name):
    return jsonschema.Draft7Validator(json.loads((SOURCE / "schema/events" / name).read_text()))


class CommandsTest(unittest.TestCase):
    def setUp(self):
        self.lab = Lab(BINARIES)
        self.lab.__enter__()
        self.addCleanup(self.lab.__exit__, None, None, None)
        self.lab.start_simulator("--empty-interval", "500")
        self.lab.write_config()
        (self.lab.folder / "conf.d").mkdir()
        (self.lab.folder / "conf.d/commands.toml").write_text(f'[redis]\ncommands = "{STREAM}"\n')
        self.sent = 0

    def send(self, word, **data):
        self.sent += 1
        event = {"specversion": "1.0", "id": f"c-{self.sent}", "source": "/test",
                 "type": f"io.signwatch.command.process.{word}.v1", "data": {"account": "acme", **data}}
        schema("command.v1.json").validate(event)
        self.lab.redis().xadd(STREAM, {"ce": json.dumps(event)})
        return event["id"]

    def results(self):
        """Every result, by the command that caused it; the last if there are several."""
        events = [json.loads(fields[b"ce"]) for _, fields in self.lab.redis().xrange(RESULTS)]
        for event in events:
            schema("command-result.v1.json").validate(event)
        return {event["causationid"]: event for event in events}

    def outcome(self, command):
        event = wait_until(lambda: self.results().get(command), 20, f"a result of {command}")
        return event["data"]["outcome"]

    def pending(self):
        return self.lab.redis().xpending(STREAM, "signwatch")["pending"]

    def health(self):
        checks = json.loads(self.lab.http("/readyz?verbose")[1])["checks"]
        return next((check["state"] for check in checks if check["name"] == "commands"), None)

    def test_processes_are_registered_and_the_answer_says_so(self):
        self.lab.start_redis()
        early = self.send("add", processId="4711", correlationId="loan-1")
        self.lab.start_daemon()
        self.assertEqual(self.outcome(early), "added")
        self.assertEqual(self.outcome(self.send("add", processId="4711", correlationId="loan-1")), "unchanged")
        self.assertEqual(self.outcome(self.send("add", processId="4711", correlationId="loan-2")), "refused")
        self.assertEqual(self.outcome(self.send("poll_now", processId="4711")), "refused")
        self.lab.redis().xadd(STREAM, {"ce": "{"})
        dead = wait_until(lambda: self.lab.redis().xrange(DEAD), 20, "a dead letter")
        self.assertEqual(dead[0][1][b"reason"], b"not_json")
        self.assertEqual(self.pending(), 0)
        listed = json.loads(self.lab.cli("process", "show", "acme", "4711", "--config", self.lab.config, "--json").stdout)
        self.assertIn("loan-1", json.dumps(listed))
        self.assertEqual(self.lab.metric("signwatch_commands_total"), 4)
        self.assertEqual(self.lab.metric("signwatch_commands_dead_total"), 1)
        wait_until(lambda: self.health() == "ok", 10, "commands are read")

    def test_waits_for_redis_and_stops_at_once(self):
        self.lab.start_daemon()
        self.assertEqual(self.lab.http("/readyz")[0], 200)
        wait_until(lambda: self.health() == "degraded", 10, "commands cannot be read")
        self.lab.start_redis()
        self.assertEqual(self.outcome(self.send("add", processId="1", correlationId="c")), "added")
        self.lab.redis().flushall()
        self.assertEqual(self.outcome(self.send("add", processId="2", correlationId="c")), "added")
        begun = time.monotonic()
        self.assertEqual(self.lab.stop_daemon(), 0)
        self.assertLess(time.monotonic() - begun, 4)
        self.assertNotIn("not everything has ended", self.lab.log.read_text())

    def test_what_a_killed_daemon_left_is_done_at_its_start(self):
        self.lab.start_redis("--appendonly", "yes")
        self.lab.start_daemon()
        self.assertEqual(self.outcome(self.send("add", processId="1", correlationId="c")), "added")
        self.lab.daemon.kill()
        self.lab.daemon.wait()
        # As if it had died between the commit and the answer: delivered, done, not acknowledged.
        redis = self.lab.redis()
        again = redis.xadd(STREAM, {"ce": redis.xrange(STREAM)[0][1][b"ce"]})
        consumer = redis.xinfo_consumers(STREAM, "signwatch")[0]["name"]
        redis.xreadgroup("signwatch", consumer, {STREAM: ">"})
        self.assertEqual(self.pending(), 1)
        first = self.results()["c-1"]
        self.lab.start_daemon()
        wait_until(lambda: self.pending() == 0, 20, again)
        second = self.results()["c-1"]
        self.assertEqual(second["data"]["outcome"], "unchanged")
        self.assertEqual(second["id"], first["id"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
