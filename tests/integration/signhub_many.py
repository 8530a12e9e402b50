#!/usr/bin/python3
"""Many flows at SignHub, few of them changing, and a small account beside them: none is starved, the budgets are kept, every change is
told exactly once.

usage: signhub_many.py BINARIES [--flows 50000] [--changing 1] [--interval 60] [--seconds 150] [--calls-per-minute 60000]
"""
import argparse
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))
from lab import Lab, wait_until  # noqa: E402


SMALL, SMALL_BUDGET = 20, 600


def rss_megabytes(process):
    fields = pathlib.Path(f"/proc/{process.pid}/statm").read_text().split()
    return int(fields[1]) * 4096 / 1e6


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binaries")
    parser.add_argument("--flows", type=int, default=50_000)
    parser.add_argument("--changing", type=float, default=1)
    parser.add_argument("--interval", type=int, default=60)
    parser.add_argument("--seconds", type=int, default=150)
    parser.add_argument("--calls-per-minute", type=int, default=60_000)
    options = parser.parse_args()

    with Lab(options.binaries) as lab:
        simulator = lab.add_simulator("signhub", "--flows", str(options.flows), "--changing", str(options.changing), "--mix", "finished=100",
                                      "--window", str(options.seconds * 0.6), "--step", "1", "--pdf-size", "20000", "--documents", "50",
                                      "--min-interval", str(options.interval), "--per-minute", str(options.calls_per_minute + SMALL_BUDGET))
        lab.start_redis()
        terms = f'interval = "{options.interval}s"\ncalls_per_second = 0\n'
        lab.write_accounts(
            simulator.account("hub", terms + f"calls_per_minute = {options.calls_per_minute}\nconcurrency = 64\n") +
            simulator.account("small", terms + f"calls_per_minute = {SMALL_BUDGET}\nconcurrency = 1\n"))
        lab.start_daemon("--log-level", "warn")
        first = simulator.where["first_id"]
        listing = lab.folder / "processes.csv"
        listing.write_text("account,process_id,correlation_id\n" +
                           "".join(f"{'small' if flow < first + SMALL else 'hub'},{flow},loan-{flow}\n"
                                   for flow in range(first, first + options.flows)))
        began = time.monotonic()
        lab.cli("process", "add", "--config", lab.config, "--file", listing, timeout=600)
        print(f"registered {options.flows} flows in {time.monotonic() - began:.1f} s", flush=True)

        time.sleep(options.interval)  # every first look
        looks, cpu, clock = simulator.referee()["looks"], cpu_seconds(lab.daemon), time.monotonic()
        time.sleep(max(0, options.seconds - options.interval))
        seconds = time.monotonic() - clock
        looks, cpu = simulator.referee()["looks"] - looks, cpu_seconds(lab.daemon) - cpu
        changing = [flow for flow in simulator.control("GET", "/flows")["flows"] if flow["ending"] != "running"]
        wait_until(lambda: lab.metric("signwatch_account_watches") == options.flows - len(changing), options.interval + 60,
                   "every changed flow has ended")
        wait_until(lambda: sum(e["data"]["terminal"] for _, e in lab.entries()) == len(changing), 60, "every end is published")
        entries = lab.check_events(len(lab.entries()))
        referee = simulator.referee()
        fairness = referee["fairness"]
        small = [simulator.control("GET", f"/flows/{flow}") for flow in range(first, first + SMALL)]
        least = min(flow["looks"] for flow in small if flow["ending"] == "running")
        ends = [event["subject"] for _, event in entries if event["data"]["terminal"]]
        print(f"looks: {looks / seconds:.0f}/s over {seconds:.0f} s, {cpu / looks * 1e6:.0f} us CPU of the daemon each; "
              f"resident {rss_megabytes(lab.daemon):.0f} MB")
        print(f"changed: {len(changing)}, ends published: {len(ends)}, each once: {len(ends) == len(set(ends))}")
        print(f"looks at a flow: {fairness['looks_min']} to {fairness['looks_max']}; apart {fairness['gap_min_ms'] / 1000:.1f} s to "
              f"{fairness['gap_max_ms'] / 1000:.1f} s; never looked at: {referee['flows_never_looked_at']}")
        print(f"looks at a flow of the small account: at least {least}")
        print(f"most calls in a minute: {referee['max_calls_in_a']['minute']} of {options.calls_per_minute}; violations: {referee['violations']}")
        assert referee["violations"] == 0, json.dumps(referee, indent=1)
        assert referee["flows_never_looked_at"] == 0
        assert least >= options.seconds // options.interval - 1, "the small account was starved"
        assert len(ends) == len(set(ends)) == len(changing)
        assert lab.stop_daemon() == 0


if __name__ == "__main__":
    main()
