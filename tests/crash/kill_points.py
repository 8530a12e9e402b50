#!/usr/bin/python3
"""Kills the daemon with SIGKILL at every step of the line and lets it start again; then every promise must still hold.

usage: kill_points.py BINARIES [--provider posten|signhub|adobe|arqsign] [--kills N] [--steps a,b,...] [--seed S]

For each step: work keeps coming, the daemon dies N times exactly there, and in the end the referee must have nothing to say, everything
must be brought home (and confirmed) and every status change must be in Redis exactly once. At Adobe and ArqSign it comes by webhooks, and
after each death every notification that was acknowledged must be in the store. Prints the hits of each step.
"""
import argparse
import concurrent.futures
import json
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from hooks import Door  # noqa: E402
from lab import Lab, wait_until  # noqa: E402

STEPS = """watch_claimed poll_answered update_recorded document_received document_verified document_synced document_renamed
document_stored commit_begun commit_done acknowledge_sending acknowledge_answered acknowledge_marked publish_sending
publish_answered publish_marked watch_settled""".split()

ACCOUNT = """
empty_interval = "100ms"
floor_interval = "20ms"
throttle_interval = "200ms"
first_backoff = "50ms"
longest_backoff = "500ms"
calls_per_second = 0
"""

HOOK_STEPS = ["notification_queued", "notification_read", "hints_applied"]
MANY_KILLS = 10  # from then on it is also waited for what a dead daemon was reading: its lease is half a minute

SIGNHUB = """
interval = "200ms"
first_backoff = "50ms"
longest_backoff = "500ms"
calls_per_second = 0
calls_per_hour = 1000000
concurrency = 8
"""

# At a clock rate of 600: the same may be asked three times in a tenth of a second.
ADOBE = """
repeat_gap = "60ms"
interval = "100ms"
first_backoff = "60ms"
longest_backoff = "500ms"
sweep_interval = "300ms"
webhook_check_interval = "1s"
unknown_agreements = "adopt"
calls_per_second = 0
concurrency = 8
"""


class PostenWork:
    """Jobs keep coming in a queue; every one must be confirmed and told exactly once."""

    steps = STEPS
    last_start = ()

    def __init__(self, lab, dice):
        self.lab, self.dice = lab, dice
        lab.start_simulator("--clock-rate", "600", "--empty-interval", "60", "--limits", "gate", "--signers", "2",
                            "--pades-size", "30000")
        lab.write_config(ACCOUNT)

    def feed(self, count):
        self.lab.control("POST", "/jobs", {"count": count, "signers": 2, "scenario": self.dice.choice(["completed", "in_progress"])})

    def died(self):
        pass

    def forgive(self):
        pass

    def done(self):
        return self.lab.all_confirmed()

    def check(self):
        """The number of updates, and the referee."""
        updates = self.lab.expected_events()
        deadline = time.monotonic() + 20
        while len(self.lab.entries()) < updates and time.monotonic() < deadline:
            time.sleep(0.05)
        return updates, self.lab.check(updates)  # also says what is wrong if not every event has come


class SignHubWork:
    """Flows are registered, also while the daemon is dead; every one must come to its end, told exactly once."""

    steps = [step for step in STEPS if not step.startswith("acknowledge")]
    last_start = ()

    def __init__(self, lab, dice):
        self.lab, self.dice = lab, dice
        self.hub = lab.add_simulator("signhub", "--pdf-size", "20000")
        lab.write_accounts(self.hub.account("hub", SIGNHUB))
        self.flows = []
        lab.start_daemon()  # the first start makes the store
        lab.stop_daemon()

    def feed(self, count):
        ending = self.dice.choice(["finished", "finished", "declined"])
        made = self.hub.control("POST", "/flows", {"count": count, "ending": ending, "first_change_ms": 100, "step_ms": 100})
        fresh = [str(flow) for flow in made["flows"]]
        self.flows += fresh
        listing = self.lab.folder / "flows.csv"
        listing.write_text("account,process_id,correlation_id\n" + "".join(f"hub,{flow},loan-{flow}\n" for flow in fresh))
        self.lab.cli("process", "add", "--config", self.lab.config, "--file", listing)

    def died(self):
        pass

    def forgive(self):
        """A flow in whose looks the daemon died ten times is parked: as an operator would, order a retry."""
        self.lab.cli("process", "retry", "hub", "--config", self.lab.config)

    def ends(self):
        return [event["subject"] for _, event in self.lab.entries() if event["data"]["terminal"]]

    def done(self):
        return set(self.ends()) >= set(self.flows)

    def check(self):
        entries = self.lab.check_events(len(self.lab.entries()))
        ends = self.ends()
        assert sorted(ends) == sorted(self.flows), f"{len(self.flows)} flows, {len(ends)} ends"
        referee = self.hub.referee()
        # A look whose answer died with the daemon is repeated, though the provider has told the end in it.
        repeated = referee["looks_after_end"]
        assert referee["violations"] == repeated, referee
        return len(entries), {**referee, "violations": 0, "redeliveries": repeated}


class HookWork:
    """Processes that webhooks tell of, also while the daemon is dead; every one must come to its end, told exactly once, and nothing
    that was acknowledged may be lost. Subclasses make the account, and processes."""

    account = ""
    last_start = ()

    def __init__(self, lab, dice):
        self.lab, self.dice = lab, dice
        self.processes = []
        self.thorough = False

    def configure(self, terms):
        self.lab.write_accounts(self.simulator.account(self.account, terms),
                                self.door.table("rate_per_address = 0\nconnections_per_address = 0\n"))
        self.lab.start_daemon()  # the first start makes the store
        self.lab.stop_daemon()

    def register(self, processes):
        listing = self.lab.folder / "processes.jsonl"
        listing.write_text("".join(json.dumps({"account": self.account, "processId": p, "correlationId": f"loan-{p}"}) + "\n"
                                   for p in processes))
        self.lab.cli("process", "add", "--config", self.lab.config, "--file", listing)

    def acknowledged(self):
        told = self.simulator.control("GET", "/notifications")["notifications"]
        return sum(one["state"] == "acknowledged" and not one["repeat"] for one in told)

    def died(self):
        """What its sender was told is safe has survived."""
        acknowledged, taken = self.acknowledged(), self.door.taken()
        assert taken >= acknowledged, f"{acknowledged} notifications acknowledged, {taken} in the store"

    def forgive(self):
        self.lab.cli("process", "retry", self.account, "--config", self.lab.config)

    def ends(self):
        return [event["subject"] for _, event in self.lab.entries() if event["data"]["terminal"]]

    def done(self):
        return set(self.ends()) >= set(self.processes)

    def check(self):
        if self.thorough:
            wait_until(lambda: self.door.unread() == 0, 60, "every notification is read")
        # Looks may have brought everything home before the first notification was sent again.
        wait_until(lambda: self.acknowledged() > 0, 30, "a notification is acknowledged")
        self.died()
        entries = self.lab.check_events(len(self.lab.entries()))
        ends = self.ends()
        assert sorted(ends) == sorted(self.processes), f"{len(self.processes)} processes, {len(ends)} ends"
        referee = self.simulator.referee()
        assert referee["violations"] == 0, json.dumps(referee, indent=1)
        return len(entries), referee


class AdobeWork(HookWork):
    """Half of the agreements nobody registers: what tells of them is a webhook or a sweep."""

    steps = [step for step in STEPS if not step.startswith("acknowledge")] + HOOK_STEPS
    account = "sign"

    def __init__(self, lab, dice):
        super().__init__(lab, dice)
        self.simulator = lab.add_simulator("adobe", "--clock-rate", "600", "--hook-cap", "300", "--lag", "30")
        self.door = Door(lab, self.simulator)
        self.configure(f'webhook_client_ids = ["{self.simulator.where["client_id"]}"]\n' + ADOBE)
        self.simulator.control("POST", "/webhooks", {"url": self.door.url(self.account), "check": False})

    def feed(self, count):
        ending = self.dice.choice(["signed", "signed", "rejected", "expired"])
        made = self.simulator.control("POST", "/agreements", {"ending": ending, "count": count, "participants": 2,
                                                              "first_ms": 120_000, "step_ms": 60_000})["agreements"]
        self.processes += made
        self.register(made[::2])


class ArqSignWork(HookWork):
    """Between two regular looks there is a day: webhooks alone bring processes home."""

    steps = ["update_recorded", "document_renamed", "commit_done", "publish_answered", *HOOK_STEPS]
    account = "rio"
    # A look whose answer died with the daemon is repeated two minutes later, here sooner; the simulator runs still faster.
    last_start = ("--time-lapse", "30")

    def __init__(self, lab, dice):
        super().__init__(lab, dice)
        self.simulator = lab.add_simulator("arqsign", "--clock-rate", "60", "--per-hour", "0", "--per-month", "0")
        self.door = Door(lab, self.simulator)
        hook = self.simulator.control("POST", "/webhooks", {"url": self.door.url(self.account)})
        key = lab.folder / "hmac.key"
        key.write_text(hook["hmac_key"] + "\n")
        key.chmod(0o600)
        self.configure(f"""
calls_per_month = 0
calls_per_minute = 240
calls_per_second = 4
first_backoff = "1s"
longest_backoff = "2s"
webhook_hmac_key_file = "{key}"
webhook_ids = ["{hook['webhook']}"]
webhook_account_id = "{hook['account']}"
""")

    def feed(self, count):
        made = self.simulator.control("POST", "/processes", {"count": count, "signers": 1, "documents": 1, "sent_ms": 0,
                                                             "end": "never"})["processes"]
        self.processes += made
        self.register(made)
        # What ended before it was known here would be found by the look of the next day.
        for process in made:
            self.simulator.control("POST", "/processes/change", {"process": process, "end": "completed", "end_ms": 10_000})


WORK = {"posten": PostenWork, "signhub": SignHubWork, "adobe": AdobeWork, "arqsign": ArqSignWork}


def wait_feeding(work, daemon, step):
    """Waits for the daemon to die; steps that many updates share (commits, batches) need more work to be reached again."""
    for _ in range(60):
        try:
            return daemon.wait(1)
        except subprocess.TimeoutExpired:
            work.feed(1)
    raise AssertionError(f"{step} was not reached in a minute")


def kill_at(provider, step, binaries, kills, seed):
    dice = random.Random(f"{seed}/{step}")
    started = time.monotonic()
    with Lab(binaries) as lab:
        lab.start_redis()
        work = WORK[provider](lab, dice)
        work.thorough = kills >= MANY_KILLS
        hits = 0
        while hits < kills:
            work.feed(2)
            daemon = lab.start_daemon("--kill-at", f"{step}:{dice.randint(1, 3)}", ready=False)
            code = wait_feeding(work, daemon, step)
            if code != -9:
                raise AssertionError(f"{step}: ended {code} instead of dying there")
            work.died()
            hits += 1
        lab.start_daemon(*work.last_start)
        work.forgive()
        wait_until(work.done, 60, f"{step}: all of it is done")
        updates, referee = work.check()
        code = lab.stop_daemon()
        if code != 0:
            raise AssertionError(f"{step}: shutdown ended {code}")
    return step, hits, updates, referee, time.monotonic() - started


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--provider", choices=WORK, default="posten")
    parser.add_argument("--steps", help="instead of all")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    steps = options.steps.split(",") if options.steps else WORK[options.provider].steps

    print(f"{'step':<22}{'kills':>6}{'updates':>9}{'redelivered':>13}{'violations':>12}{'seconds':>9}")
    failed = []
    with concurrent.futures.ProcessPoolExecutor(3) as pool:
        runs = {pool.submit(kill_at, options.provider, step, options.binaries, options.kills, options.seed): step
                for step in steps}
        for run in concurrent.futures.as_completed(runs):
            if run.exception():
                failed.append(runs[run])
                print(f"{runs[run]:<22} FAILED: {type(run.exception()).__name__}: {run.exception()}")
                continue
            step, hits, updates, referee, seconds = run.result()
            print(f"{step:<22}{hits:>6}{updates:>9}{referee.get('redeliveries', '-'):>13}{referee['violations']:>12}{seconds:>9.1f}",
                  flush=True)
    print(f"{len(steps) - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
