#!/usr/bin/python3
"""Kills `signwatch process add --file` and the daemon in the middle, again and again: no process is lost, none is doubled.

usage: bulk_add.py BINARIES [--processes 20000] [--kills 10]
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import Lab, wait_until  # noqa: E402


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("--processes", type=int, default=20_000)
    parser.add_argument("--kills", type=int, default=10)
    options = parser.parse_args()
    dice = random.Random(1)

    with Lab(options.binaries) as lab:
        hub = lab.add_simulator("signhub", "--flows", str(options.processes), "--changing", "0")
        lab.start_redis()
        lab.write_accounts(hub.account("hub", 'interval = "10s"\ncalls_per_second = 0\nconcurrency = 16'))
        lab.start_daemon("--log-level", "warn")
        first = hub.where["first_id"]
        listing = lab.folder / "processes.csv"
        listing.write_text("account,process_id,correlation_id\n" +
                           "".join(f"hub,{flow},loan-{flow}\n" for flow in range(first, first + options.processes)))
        add = [str(lab.binaries / "signwatch"), "process", "add", "--config", str(lab.config), "--json", "--file", str(listing)]
        killed = 0
        while killed < options.kills:
            child = subprocess.Popen(add, stdout=subprocess.DEVNULL)
            time.sleep(dice.uniform(0.05, 0.4))
            if child.poll() is None:
                child.kill()
                killed += 1
            child.wait()
            if killed % 2:
                lab.daemon.kill()
                lab.daemon.wait()
                lab.start_daemon("--log-level", "warn")
        known = lab.metric("signwatch_account_watches")
        result = json.loads(subprocess.run(add, capture_output=True, text=True, check=True).stdout)
        wait_until(lambda: lab.metric("signwatch_account_watches") == options.processes, 10, "every process is looked at")
        wait_until(lambda: hub.referee()["flows_never_looked_at"] == 0, 60, "every process was looked at")
        referee = hub.referee()
        print(f"kills: {killed}; known before the last time: {known:.0f}; then added {result['added']}, unchanged {result['unchanged']}, "
              f"refused {result['refused']}; in the end {options.processes} looked at; violations {referee['violations']}")
        assert result["added"] + result["unchanged"] == options.processes and result["refused"] == 0
        assert referee["violations"] == 0, json.dumps(referee, indent=1)
        assert lab.stop_daemon() == 0


if __name__ == "__main__":
    main()
