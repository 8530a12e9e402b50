#!/usr/bin/python3
"""A flood of notifications for one account, over TLS into a real store, while the processes of another account are polled: what is
acknowledged is durable, every answer comes in time, memory stays flat, and the polls go on as before.

usage: hook_flood.py BINARIES [--rate 5000] [--seconds 30] [--connections 50] [--quiet 10] [--flows 60]
"""
import argparse
import json
import os
import pathlib
import resource
import signal
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from hooks import Door  # noqa: E402
from lab import Lab, wait_until  # noqa: E402

ANSWER_LIMIT_MS = 5_000  # Adobe waits no longer
MOST_GROWTH_MB = 64  # however many notifications come


def resident_mb(process):
    fields = pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()
    return int(fields[1]) * 4096 / 1e6


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def sender_seconds():
    """What programs that have ended took: the sender is the only one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Watcher:
    """Looks at the daemon's memory and the other account's looks, from its making until stop()."""

    def __init__(self, lab, hub):
        self.lab, self.hub = lab, hub
        self.first_mb = self.most_mb = resident_mb(lab.daemon)
        self.began, self.looks = time.monotonic(), hub.referee()["looks"]
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while not self.done.wait(0.25):
            self.most_mb = max(self.most_mb, resident_mb(self.lab.daemon))

    def stop(self):
        self.done.set()
        self.thread.join()
        self.last_mb = resident_mb(self.lab.daemon)
        self.looks = self.hub.referee()["looks"] - self.looks
        self.looks_per_second = self.looks / (time.monotonic() - self.began)


def configure(lab, door, adobe, hub, rate):
    terms = 'tier = "global"\nsweep = "off"\nwebhook_client_ids = ["' + adobe.where["client_id"] + '"]\n'
    lab.write_accounts(adobe.account("sign", terms) +
                       hub.account("hub", 'interval = "1s"\ncalls_per_second = 0\nconcurrency = 4\n'),
                       door.table(f"""
connections_per_address = 0
rate_per_address = 0
rate_per_account = {2 * rate}
burst_per_account = {2 * rate}
"""))


def register(lab, adobe, flows):
    agreement = adobe.control("POST", "/agreements", {"ending": "running"})["agreement"]
    processes = [{"account": "sign", "processId": agreement, "correlationId": "loan-flood"}]
    processes += [{"account": "hub", "processId": str(flow), "correlationId": f"loan-{flow}"} for flow in flows]
    listing = lab.folder / "processes.jsonl"
    listing.write_text("".join(json.dumps(process) + "\n" for process in processes))
    lab.cli("process", "add", "--config", lab.config, "--file", listing)
    return agreement


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("--rate", type=int, default=5_000)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--connections", type=int, default=50)
    parser.add_argument("--quiet", type=int, default=10, help="seconds before the flood, to compare with")
    parser.add_argument("--flows", type=int, default=60)
    options = parser.parse_args()

    with Lab(options.binaries) as lab:
        adobe = lab.add_simulator("adobe")
        hub = lab.add_simulator("signhub", "--flows", str(options.flows), "--changing", "50", "--mix", "finished=100", "--window",
                                str(options.quiet + options.seconds), "--step", "1", "--pdf-size", "20000", "--min-interval", "1",
                                "--per-second", "0", "--per-minute", "0")
        door = Door(lab, adobe)
        configure(lab, door, adobe, hub, options.rate)
        adobe.control("POST", "/webhooks", {"url": door.url("sign"), "events": ["AGREEMENT_WORKFLOW_COMPLETED"], "check": False})
        lab.start_redis()
        lab.start_daemon("--log-level", "warn")
        first = hub.where["first_id"]
        agreement = register(lab, adobe, range(first, first + options.flows))
        changing = [flow for flow in hub.control("GET", "/flows")["flows"] if flow["ending"] != "running"]
        common = ("--ca", door.ca, "--client-id", adobe.where["client_id"], "--subject", agreement)
        warm = lab.flood(door.url("sign"), *common, "--webhook", "warm", "--account", "warm", "--rate", options.rate, "--seconds", 1)

        quiet = Watcher(lab, hub)
        time.sleep(options.quiet)
        quiet.stop()
        wet = Watcher(lab, hub)
        daemon_cpu, sender_cpu = cpu_seconds(lab.daemon), sender_seconds()
        told = lab.flood(door.url("sign"), *common, "--rate", options.rate, "--seconds", options.seconds, "--connections",
                         options.connections)
        wet.stop()
        daemon_cpu, sender_cpu = cpu_seconds(lab.daemon) - daemon_cpu, sender_seconds() - sender_cpu
        lab.daemon.send_signal(signal.SIGKILL)
        lab.daemon.wait(10)
        taken, unread = door.taken(), door.unread()
        acknowledged = warm["acknowledged"] + told["acknowledged"]

        answers = told["answers"]
        sent = max(1, told["sent"])
        print(f"asked for {options.rate}/s for {options.seconds} s; a notification took {1e6 * daemon_cpu / sent:.0f} us of the daemon's "
              f"time and {1e6 * sender_cpu / sent:.0f} us of its sender's, on a machine of {os.cpu_count()} cores")
        print(f"sent {told['sent']}, the last {told['behind_s']:.2f} s late; acknowledged {told['acknowledged']}, {told['rate']:.0f}/s; "
              f"statuses {told['statuses']}, unanswered {told['unanswered']}")
        print(f"answers: p50 {answers['p50_ms']:.1f} ms, p99 {answers['p99_ms']:.1f} ms, max {answers['max_ms']:.1f} ms")
        print(f"resident: {wet.first_mb:.0f} MB before, at most {wet.most_mb:.0f} MB, {wet.last_mb:.0f} MB after")
        print(f"after kill -9 the store has {taken} of {acknowledged} acknowledged notifications, {unread} of them unread", flush=True)
        assert taken >= acknowledged > 0, "an acknowledged notification is lost"
        assert told["without_echo"] == 0
        assert set(told["statuses"]) <= {"200", "503"}, told["statuses"]
        assert answers["max_ms"] < ANSWER_LIMIT_MS and told["unanswered"] == 0
        assert wet.most_mb - wet.first_mb < MOST_GROWTH_MB, "memory grows with the flood"

        began = time.monotonic()
        lab.start_daemon("--log-level", "warn")
        wait_until(lambda: door.unread() == 0, 120 + taken / 100, "every notification is read")
        print(f"what was unread is read within {time.monotonic() - began:.1f} s of the restart")
        assert door.set_aside() == 0
        wait_until(lambda: sum(e["data"]["terminal"] for _, e in lab.entries()) == len(changing), options.quiet + options.seconds + 60,
                   "every end at the other account is published")
        lab.check_events(len(lab.entries()))
        hub_referee, adobe_referee = hub.referee(), adobe.referee()
        print(f"polls of the other account: {quiet.looks_per_second:.1f}/s before, {wet.looks_per_second:.1f}/s during the flood; "
              f"violations {hub_referee['violations']}; looks at the flooded agreement: {adobe_referee['agreements_looked_at']}, "
              f"violations {adobe_referee['violations']}")
        assert wet.looks > 0, "the flood stopped the polls of the other account"
        assert hub_referee["violations"] == 0, json.dumps(hub_referee, indent=1)
        assert adobe_referee["violations"] == 0, json.dumps(adobe_referee, indent=1)
        assert lab.stop_daemon() == 0


if __name__ == "__main__":
    main()
