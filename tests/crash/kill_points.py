#!/usr/bin/python3
"""Kills the daemon with SIGKILL at every step of the line and lets it start again; then every promise must still hold.

usage: kill_points.py BINARIES [--kills N] [--steps a,b,...] [--seed S]

For each step: jobs keep coming, the daemon dies N times exactly there, and in the end the referee must have nothing to say, every job
must be confirmed and every status change must be in Redis exactly once. Prints the hits of each step.
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


def wait_feeding(lab, daemon, step):
    """Waits for the daemon to die; steps that many updates share (commits, batches) need more work to be reached again."""
    for _ in range(60):
        try:
            return daemon.wait(1)
        except subprocess.TimeoutExpired:
            lab.control("POST", "/jobs", {"count": 1})
    raise AssertionError(f"{step} was not reached in a minute")


def kill_at(step, binaries, kills, seed):
    dice = random.Random(f"{seed}/{step}")
    started = time.monotonic()
    with Lab(binaries) as lab:
        lab.start_simulator("--clock-rate", "600", "--empty-interval", "60", "--limits", "gate", "--signers", "2",
                            "--pades-size", "30000")
        lab.write_config(ACCOUNT)
        lab.start_redis()
        hits = 0
        while hits < kills:
            lab.control("POST", "/jobs", {"count": 2, "signers": 2, "scenario": dice.choice(["completed", "in_progress"])})
            daemon = lab.start_daemon("--kill-at", f"{step}:{dice.randint(1, 3)}", ready=False)
            code = wait_feeding(lab, daemon, step)
            if code != -9:
                raise AssertionError(f"{step}: ended {code} instead of dying there")
            hits += 1
        lab.start_daemon()
        wait_until(lab.all_confirmed, 60, f"{step}: every job confirmed")
        updates = lab.expected_events()
        deadline = time.monotonic() + 20
        while len(lab.entries()) < updates and time.monotonic() < deadline:
            time.sleep(0.05)
        referee = lab.check(updates)  # also says what is wrong if not every event has come
        code = lab.stop_daemon()
        if code != 0:
            raise AssertionError(f"{step}: shutdown ended {code}")
    return step, hits, updates, referee, time.monotonic() - started


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--steps", default=",".join(STEPS))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    print(f"{'step':<22}{'kills':>6}{'updates':>9}{'redelivered':>13}{'violations':>12}{'seconds':>9}")
    failed = []
    with concurrent.futures.ProcessPoolExecutor(3) as pool:
        runs = {pool.submit(kill_at, step, options.binaries, options.kills, options.seed): step
                for step in options.steps.split(",")}
        for run in concurrent.futures.as_completed(runs):
            if run.exception():
                failed.append(runs[run])
                print(f"{runs[run]:<22} FAILED: {run.exception()}")
                continue
            step, hits, updates, referee, seconds = run.result()
            print(f"{step:<22}{hits:>6}{updates:>9}{referee['redeliveries']:>13}{referee['violations']:>12}{seconds:>9.1f}",
                  flush=True)
    print(f"{len(options.steps.split(',')) - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
