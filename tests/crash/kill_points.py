#!/usr/bin/python3
"""Kills the daemon with SIGKILL at every step of the line and lets it start again; then every promise must still hold.

usage: kill_points.py BINARIES [--provider posten|signhub] [--kills N] [--steps a,b,...] [--seed S]

For each step: work keeps coming, the daemon dies N times exactly there, and in the end the referee must have nothing to say, everything
must be brought home (and confirmed) and every status change must be in Redis exactly once. Prints the hits of each step.
"""
import argparse
import concurrent.futures
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
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

SIGNHUB = """
interval = "200ms"
first_backoff = "50ms"
longest_backoff = "500ms"
calls_per_second = 0
calls_per_hour = 1000000
concurrency = 8
"""


class PostenWork:
    """Jobs keep coming in a queue; every one must be confirmed and told exactly once."""

    steps = STEPS

    def __init__(self, lab, dice):
        self.lab, self.dice = lab, dice
        lab.start_simulator("--clock-rate", "600", "--empty-interval", "60", "--limits", "gate", "--signers", "2",
                            "--pades-size", "30000")
        lab.write_config(ACCOUNT)

    def feed(self, count):
        self.lab.control("POST", "/jobs", {"count": count, "signers": 2, "scenario": self.dice.choice(["completed", "in_progress"])})

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


WORK = {"posten": PostenWork, "signhub": SignHubWork}


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
        hits = 0
        while hits < kills:
            work.feed(2)
            daemon = lab.start_daemon("--kill-at", f"{step}:{dice.randint(1, 3)}", ready=False)
            code = wait_feeding(work, daemon, step)
            if code != -9:
                raise AssertionError(f"{step}: ended {code} instead of dying there")
            hits += 1
        lab.start_daemon()
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
                print(f"{runs[run]:<22} FAILED: {run.exception()}")
                continue
            step, hits, updates, referee, seconds = run.result()
            print(f"{step:<22}{hits:>6}{updates:>9}{referee.get('redeliveries', '-'):>13}{referee['violations']:>12}{seconds:>9.1f}",
                  flush=True)
    print(f"{len(steps) - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
