#!/usr/bin/python3
"""A week without webhooks at the Adobe simulator: every notification breaks off until Adobe disables the webhook, agreements go on ending
in every way, the daemon is killed meanwhile; in the end every agreement is told once, with its documents.

usage: adobe_lost_week.py BINARIES [--agreements 2000] [--day 20] [--kills 3] [--sweep regular|by-health] [--seed 1]

--day is how many real seconds a day takes; everything that Adobe or the configuration says in minutes and hours is as much shorter.
A third of the agreements is registered and looked at once a day, a third is registered and looked at by hints alone, and a third
begins day by day without being registered: the sweep adopts it (half of them are registered when they have ended). With --sweep by-health
there are no sweeps but those that the look at the webhook's health asks for. Prints what was lost, who found it, and how long that took.
"""
import argparse
import collections
import datetime
import json
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from hooks import Door  # noqa: E402
from lab import Lab, wait_until  # noqa: E402

ENDS = {"signed": "completed", "approved": "completed", "accepted": "completed", "delivered": "completed", "form_filled": "completed",
        "rejected": "rejected", "recalled": "cancelled", "kba_attempts": "cancelled", "password_attempts": "cancelled",
        "phone_attempts": "cancelled", "expired": "expired", "expired_automatically": "expired", "conversion_failed": "failed"}
DAY = 86_400
FIRST_LOSS, LAST_END = 2.0, 12.0  # days after the beginning
FIRST_BATCH, BATCHES = 1, 10  # days on which agreements begin that nobody registers
DISABLED_FOR = 0.7  # days, until somebody has repaired the address
GAP = 600  # s between two identical GETs, as Adobe's smallest tier has it
# What a look, once it is due, may have to wait for: the gap, the lag of the index, our own machine.
SLOWEST_SECONDS = 10.0


class Week:
    """The account, its agreements, and the clock that runs faster than ours."""

    def __init__(self, lab, options):
        self.lab, self.options = lab, options
        self.rate = DAY / options.day
        self.dice = random.Random(options.seed)
        # What the index does not show yet is for the next sweep: without regular ones there is none.
        lag = "300" if options.sweep == "regular" else "0"
        self.adobe = lab.add_simulator("adobe", "--clock-rate", str(self.rate), "--identical", f"1/{GAP}", "--lag", lag,
                                       "--documents", "20", "--seed", str(options.seed))
        self.door = Door(lab, self.adobe)
        self.client = self.adobe.where["client_id"]
        self.batches = []  # of agreements that nobody registers
        self.kind = {}  # of each agreement: daily, hinted, unknown or late
        self.ending = {}

    def real(self, seconds):
        """So long on Adobe's clock, in the configuration: rounded up."""
        return f'"{int(seconds / self.rate * 1000) + 1}ms"'

    def configure(self):
        by_health = self.options.sweep == "by-health"
        self.lab.write_accounts(self.adobe.account("sign", f"""
webhook_client_ids = ["{self.client}"]
webhook_check_interval = {self.real(3_600)}
sweep_interval = {'"24h"' if by_health else self.real(900)}
sweep_overlap = {self.real(1_800)}
sweep_first = {self.real(DAY)}
unknown_agreements = "adopt"
repeat_gap = {self.real(GAP + 10)}
interval = {self.real(DAY)}
first_backoff = {self.real(GAP + 10)}
longest_backoff = {self.real(3_600)}
calls_per_second = 0
concurrency = 16
"""), self.door.table("rate_per_address = 0\nconnections_per_address = 0\n"))

    def days(self):
        """Since the beginning."""
        return (self.adobe.referee()["virtual_ms"] - self.began) / 1000 / DAY

    def sleep_until(self, day):
        while (left := day - self.days()) > 0:
            time.sleep(max(0.01, min(0.5, left * self.options.day)))

    def day_of(self, civil):
        """The day on which something was observed, by our own clock."""
        return (civil - self.began_civil) / self.options.day

    def make(self, count, ending, kinds, first_day, spread_days):
        """Agreements of one ending; `kinds` in turn."""
        made = self.adobe.control("POST", "/agreements", {
            "ending": ending, "count": count, "participants": self.dice.choice([1, 2]), "processed_ms": 60_000,
            "first_ms": first_day * DAY * 1000, "step_ms": 0.02 * DAY * 1000, "spread_ms": spread_days * DAY * 1000})["agreements"]
        for agreement in made:
            self.ending[agreement] = ending
            self.kind[agreement] = kinds[len(self.kind) % len(kinds)]

    def begin(self):
        """Two of three agreements are registered before the daemon runs."""
        self.lab.start_daemon("--log-level", "warn")  # the first start makes the store
        assert self.lab.stop_daemon() == 0
        before = time.time()
        self.began = self.adobe.referee()["virtual_ms"]
        self.began_civil = (before + time.time()) / 2
        each = -(-self.options.agreements * 2 // 3 // len(ENDS))
        for ending in ENDS:
            self.make(each, ending, ("daily", "hinted"), 1 + self.dice.random(), LAST_END - 2.1)
        self.externals = {a["agreement"]: a["external_id"] for a in self.adobe.control("GET", "/agreements")["agreements"]}
        self.register("daily")
        self.register("hinted", interval="24h")
        self.lab.start_daemon("--log-level", "warn")
        self.hook = self.adobe.control("POST", "/webhooks", {"url": self.door.url("sign")})["webhook"]

    def pass_until(self, day):
        """Every day agreements begin that nobody registers; each ends within a day."""
        while (next_batch := FIRST_BATCH + len(self.batches)) <= min(day, LAST_END - 1.2):
            self.sleep_until(next_batch)
            left = self.options.agreements // 3 // BATCHES
            endings = [list(ENDS)[(number + 5 * len(self.batches)) % len(ENDS)] for number in range(left)]
            for ending, count in collections.Counter(endings).items():
                self.make(count, ending, ("unknown", "late"), 0.1, 0.9)
            self.batches.append(left)
        self.sleep_until(day)

    def register(self, kind, **terms):
        some = [agreement for agreement in self.kind if self.kind[agreement] == kind]
        listing = self.lab.folder / f"{kind}.jsonl"
        listing.write_text("".join(json.dumps({"account": "sign", "processId": a, "correlationId": self.externals[a], **terms}) + "\n"
                                   for a in some))
        return self.lab.cli("process", "add", "--config", self.lab.config, "--json", "--file", listing, timeout=300).stdout

    def webhook(self):
        return next(hook for hook in self.adobe.control("GET", "/webhooks")["webhooks"] if hook["webhook"] == self.hook)

    def lose_it(self):
        """From now on every notification breaks off in the middle, until Adobe has given up."""
        self.pass_until(FIRST_LOSS)
        self.lost_at = self.days()
        self.adobe.control("POST", "/faults", {"set": ["hook-cut"]})
        for number in range(self.options.kills):
            self.pass_until(FIRST_LOSS + 6 * (number + self.dice.random()) / self.options.kills)
            self.lab.daemon.kill()
            self.lab.daemon.wait()
            self.lab.start_daemon("--log-level", "warn")
        self.pass_until(FIRST_LOSS + 6.9)
        wait_until(lambda: not self.webhook()["active"], 60 + 3 * self.options.day, "Adobe disables the webhook")
        self.disabled_at = self.days()
        self.pass_until(self.disabled_at + DISABLED_FOR)

    def bring_it_back(self):
        self.adobe.control("POST", "/faults", {"clear": ["hook-cut"]})
        self.back_at = self.days()
        self.adobe.control("POST", "/webhooks/state", {"webhook": self.hook, "active": True})
        assert self.webhook()["active"], "the listener did not want it"

    def ends(self):
        return [event for _, event in self.lab.entries() if event["data"]["terminal"]]

    def finish(self):
        self.pass_until(LAST_END + 0.05)
        self.externals |= {a["agreement"]: a["external_id"] for a in self.adobe.control("GET", "/agreements")["agreements"]}
        wait_until(lambda: len(self.ends()) >= len(self.kind), 60 + self.options.day, "every end is told")
        wait_until(lambda: self.door.unread() == 0, 30, "every notification is read")
        self.late = json.loads(self.register("late"))
        time.sleep(0.5 + 0.1 * self.options.day)  # whatever might still be told twice

    def check(self):
        entries = self.lab.check_events(len(self.lab.entries()))
        ends = [event for _, event in entries if event["data"]["terminal"]]
        assert sorted(event["subject"] for event in ends) == sorted(self.kind), "not every agreement is told exactly once"
        there = {a["agreement"]: a for a in self.adobe.control("GET", "/agreements")["agreements"]}
        for event in ends:
            subject, data = event["subject"], event["data"]
            assert data["status"] == ENDS[self.ending[subject]], (self.ending[subject], data["status"])
            assert event["correlationid"] == self.externals[subject], "adopted under another name"
            told = sorted(document["sha256"] for document in data["documents"])
            sent = [there[subject][file]["sha256"] for file in ("document", "audit_trail")] if data["status"] == "completed" else []
            assert told == sorted(sent), f"{self.ending[subject]}: {len(told)} documents, or other ones"
        referee = self.adobe.referee()
        late = sum(kind == "late" for kind in self.kind.values())
        assert self.late["added"] == late > 0 and self.late["refused"] == 0, self.late
        assert referee["violations"] == 0, json.dumps(referee, indent=1)
        assert self.door.set_aside() == 0
        return ends, there, referee

    def report(self, ends, there, referee):
        # Of each agreement, what became of the notification of its end: the last one.
        fate = {one["agreement"]: one["state"] for one in self.adobe.control("GET", "/notifications")["notifications"]}
        rows, lost = [], []
        for event in ends:
            ended = (there[event["subject"]]["ends_ms"] - self.began) / 1000 / DAY
            seen = self.day_of(datetime.datetime.fromisoformat(event["data"]["observedAt"].replace("Z", "+00:00")).timestamp())
            rows.append((self.kind[event["subject"]], event["data"]["observedVia"], ended, seen))
            if fate.get(event["subject"]) == "lost":
                lost.append(rows[-1])
        print(f"{len(rows)} agreements ended in {LAST_END:.0f} days of {self.options.day} s, {len(lost)} of them within "
              f"{self.back_at - self.lost_at:.1f} days without a webhook, unheard; disabled by Adobe after "
              f"{self.disabled_at - self.lost_at:.1f}; {self.options.kills} kill -9 in between")
        print(f"notifications: {referee.get('hooks_acknowledged', 0)} acknowledged, {referee.get('hooks_dropped', 0)} given up after "
              f"{referee.get('hooks_unanswered', 0) + referee.get('hooks_refused', 0)} attempts in vain, "
              f"{referee.get('hooks_lost_while_inactive', 0)} never sent")
        for kind in ("daily", "hinted", "unknown", "late"):
            via = collections.Counter(row[1] for row in lost if row[0] == kind)
            print(f"  of the lost week, {kind:8}: " + ", ".join(f"{count} by {name}" for name, count in sorted(via.items())))
        for what, some in (("the others", [row for row in rows if row not in lost]), ("in the lost week", lost)):
            waits = sorted(24 * (seen - ended) for _, _, ended, seen in some)
            via = collections.Counter(row[1] for row in some)
            print(f"{what}: found after p50 {waits[len(waits) // 2]:.2f} h, at most {waits[-1]:.2f} h; "
                  + ", ".join(f"{count} by {name}" for name, count in sorted(via.items())))
        latest = max(24 * (row[3] - self.back_at) for row in lost)
        print(f"the last of the lost week was found {abs(latest):.2f} h {'after' if latest > 0 else 'before'} the webhook was back "
              f"({abs(latest) / 24 * self.options.day:.2f} s of ours)")
        print(f"registered when they had ended: {self.late['added']}, told again: none")
        print(f"calls: {referee['calls']}, of these {referee['agreements_looked_at']} looks, {referee.get('not_modified', 0)} not modified, "
              f"{referee['members_looked_at']} members, {referee['events_looked_at']} events, {referee['searches']} searches, "
              f"{referee['downloads']} documents, {referee['audit_trails']} audit trails; violations {referee['violations']}", flush=True)
        return lost, latest


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("--agreements", type=int, default=2_000)
    parser.add_argument("--day", type=float, default=20)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--sweep", choices=("regular", "by-health"), default="regular")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    with Lab(options.binaries) as lab:
        week = Week(lab, options)
        week.configure()
        lab.start_redis()
        week.begin()
        week.lose_it()
        week.bring_it_back()
        week.finish()
        ends, there, referee = week.check()
        lost, latest = week.report(ends, there, referee)
        assert referee["hooks_dropped"] > 0 and referee["hooks_lost_while_inactive"] > 0, "no notification was lost"
        assert {row[1] for row in lost if row[0] == "hinted"} == {"sweep"}, "what a sweep alone can find"
        assert latest / 24 * options.day < SLOWEST_SECONDS
        assert lab.stop_daemon() == 0


if __name__ == "__main__":
    main()
