#!/usr/bin/python3
"""A month at ArqSign in minutes: many processes on a plan that pays for few calls, with webhooks or without.

usage: arqsign_month.py BINARIES [--webhooks] [--processes 100] [--plan-calls 400] [--rate 20000] [--concluded-by 20] [--fault NAME:0.1]

The simulator and the daemon's due times and budgets run RATE times as fast as real time. Every process ends on a day of its own, at the
latest on day CONCLUDED-BY. At the end of day 31 all of them must be stored and published, and no budget ever exceeded. With webhooks
it is over as soon as all are published; those whose notification is lost are found by looks.

In full: arqsign_month.py BINARIES and arqsign_month.py BINARIES --webhooks --processes 300 --rate 10000 --fault hook-lost:0.05
"""
import argparse
import collections
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from hooks import Door  # noqa: E402
from lab import Lab, wait_until  # noqa: E402

DAY_MS = 86_400_000


class Webhook:
    """The account's webhook at ArqSign. It is not active before the daemon listens: in this haste five days of vain attempts, after
    which ArqSign gives up, are over in seconds."""

    def __init__(self, lab, simulator):
        self.lab, self.simulator = lab, simulator
        self.door = Door(lab, simulator)
        self.made = simulator.control("POST", "/webhooks", {"url": self.door.url("rio")})
        self.set_active(False)
        self.key_file = lab.folder / "hmac.key"
        self.key_file.write_text(self.made["hmac_key"] + "\n")
        self.key_file.chmod(0o600)

    def set_active(self, active):
        self.simulator.control("POST", "/webhooks/state", {"webhook": self.made["webhook"], "active": active})

    def account(self):
        return f"""
webhook_hmac_key_file = "{self.key_file}"
webhook_ids = ["{self.made['webhook']}"]
webhook_account_id = "{self.made['account']}"
"""

    def check(self, referee):
        """Nobody else was believed, nothing genuine was refused, and what was acknowledged is in the store and read."""
        over = {key: referee.get(key, 0) for key in ("hook_strangers_accepted", "hook_fatal_answers", "hook_answers_late")}
        mine = self.simulator.control("GET", "/webhooks")["webhooks"][0]
        told = collections.Counter(one["state"] for one in self.simulator.control("GET", "/notifications")["notifications"])
        wait_until(lambda: self.door.unread() == 0, 30, "every notification is read")
        print(f"notifications: {dict(told)}, in the store {self.door.taken()}; answers: {json.dumps(referee.get('hook_answers'))}")
        print("webhook violations:", ", ".join(f"{key} {value}" for key, value in over.items()))
        assert not any(over.values()), json.dumps(referee, indent=1)
        assert mine["status"] == 1 and not mine["dead_triggers"], mine
        assert told["acknowledged"] > 0
        assert self.door.set_aside() == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("--processes", type=int, default=100)
    parser.add_argument("--plan-calls", type=int, default=400)
    parser.add_argument("--rate", type=float, default=20_000)
    parser.add_argument("--concluded-by", type=float, default=20)
    parser.add_argument("--webhooks", action="store_true")
    parser.add_argument("--fault", action="append", default=[], help="of the simulator, such as hook-lost:0.05")
    options = parser.parse_args()

    with Lab(options.binaries) as lab:
        # What is refused for its quota would hide a violation: count it, but answer.
        simulator = lab.add_simulator("arqsign", "--clock-rate", str(options.rate), "--count-only", "--per-month", str(options.plan_calls),
                                      "--per-hour", "400", "--per-minute", "240", "--per-second", "0", "--document-size", "20000",
                                      "--agreed-interval", "0" if options.webhooks else "82800",
                                      *(part for fault in options.fault for part in ("--fault", fault)))
        webhook = Webhook(lab, simulator) if options.webhooks else None
        lab.start_redis()
        lab.write_accounts(simulator.account("rio", f"""
calls_per_month = {options.plan_calls}
calls_per_hour = 400
calls_per_minute = 240
interval = "24h"
""" + (webhook.account() if webhook else "")), webhook.door.table() if webhook else "")
        lab.start_daemon()
        lab.stop_daemon()  # there is a store now; the lapse begins when everything is registered

        last = int(options.concluded_by * DAY_MS)
        first = 3 * DAY_MS if webhook else last // 20  # what ends before the webhook is active is never told
        made = simulator.control("POST", "/processes", {"count": options.processes, "signers": 2, "documents": 1, "sent_ms": 0,
                                                        "end": "completed", "end_ms": first, "spread_ms": last - first})
        listing = lab.folder / "processes.jsonl"
        listing.write_text("".join(json.dumps({"account": "rio", "processId": process, "correlationId": f"loan-{process[:8]}"}) + "\n"
                                   for process in made["processes"]))
        lab.cli("process", "add", "--config", lab.config, "--file", listing)
        began = time.monotonic()
        day = lambda: (time.monotonic() - began) * options.rate * 1000 / DAY_MS  # noqa: E731
        lab.start_daemon("--time-lapse", str(options.rate))
        if webhook:
            webhook.set_active(True)

        print(f"{'day':>5}{'looks':>8}{'calls':>8}{'published':>11}{'stretch':>9}", flush=True)
        shown = 0
        published = 0
        while day() < 31 and not (webhook and published == options.processes):
            time.sleep(0.2)
            if day() < shown:
                continue
            shown += 1 if webhook else 5
            referee = simulator.referee()
            published = sum(event["data"]["status"] == "completed" for _, event in lab.entries())
            stretch = lab.metric("signwatch_interval_stretch_ratio")
            print(f"{day():>5.1f}{referee['looks']:>8}{referee['calls']:>8}{published:>11}{stretch:>9.2f}", flush=True)

        referee = simulator.referee()
        entries = lab.check_events(len(lab.entries()))
        completed = {event["subject"] for _, event in entries if event["data"]["status"] == "completed"}
        processes = simulator.control("GET", "/processes")["processes"]
        delays = sorted((p["delivered_ms"] - p["ends_ms"]) / DAY_MS for p in processes if p.get("delivered_ms"))
        fetched = collections.Counter(p["wholes"] for p in processes)
        over = {key: referee[key] for key in ("over_minute", "over_hour", "over_month", "looks_too_soon", "wrong_credentials")}
        print(f"\nprocesses concluded by day {options.concluded_by:g}: {options.processes}, stored and published: {len(completed)}")
        if delays:
            print(f"days from conclusion to delivery: median {delays[len(delays) // 2]:.1f}, worst {delays[-1]:.1f}")
        print(f"calls: {referee['calls']} of {options.plan_calls} (looks {referee['looks']}, whole processes {referee['wholes']})")
        print("processes by how often they were fetched:", ", ".join(f"{n}x {count}" for n, count in sorted(fetched.items())))
        print("violations:", ", ".join(f"{key} {value}" for key, value in over.items()))
        kinds = collections.Counter(event["type"].split(".")[-2] for _, event in entries)
        print("events:", ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items())))
        assert not any(over.values()), json.dumps(referee, indent=1)
        assert len(completed) == options.processes, f"{options.processes - len(completed)} are missing"
        if webhook:
            webhook.check(referee)
        assert lab.stop_daemon() == 0


if __name__ == "__main__":
    main()
