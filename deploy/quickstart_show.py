#!/usr/bin/python3
"""What the quickstart shows: each arrival as it happens, and at the end whether all is as it should be.

usage: quickstart_show.py arrivals|summary FOLDER

arrivals  prints webhooks as they are answered and events as they come into the Redis stream, until every update is home
summary   counts, compares every document with the hash that its event names, and asks the simulators whether a rule was broken
"""
import collections
import hashlib
import json
import pathlib
import subprocess
import sys
import time
import urllib.request

PATIENCE_SECONDS = 120
ARRIVAL = "  {:<10}  {:<7}  {:<8}  {:<14}  {:<18}  {:<8}  {:<14}  {}"
TOTALS = "  {:<8}  {:>9}  {:>6}  {:>7}  {:>10}  {:>8}  {:>9}  {:>5}  {:>12}"
# What ArqSign's webhooks are about, by their number.
TRIGGERS = ("", "sent", "could not be sent", "signed by one", "refused by one", "cancelled", "expired", "sent again", "signed by all")


class Simulator:
    def __init__(self, folder, name, title, provider, things):
        self.control = json.loads((folder / name / "simulator.json").read_text())["control"]
        self.title, self.provider, self.things = title, provider, things

    def ask(self, path):
        with urllib.request.urlopen(self.control + path) as answer:
            return json.load(answer)

    def processes(self):
        return self.ask("/" + self.things)[self.things]


class Stream:
    def __init__(self, folder):
        self.socket, self.last, self.events = folder / "redis.sock", "-", []

    def read(self):
        """The events that have come since."""
        raw = subprocess.run(["redis-cli", "-s", self.socket, "--json", "XRANGE", "signwatch:events", self.last, "+"],
                             capture_output=True, check=True, text=True).stdout
        entries = json.loads(raw)
        new = [json.loads(fields[fields.index("ce") + 1]) for _, fields in entries]
        if entries:
            self.last = "(" + entries[-1][0]
        self.events += new
        return new

    def of(self, simulator):
        return [event["data"] for event in self.events if event["data"]["provider"] == simulator.provider]


def simulators_in(folder):
    return (Simulator(folder, "posten", "Posten", "posten", "jobs"),
            Simulator(folder, "arqsign", "ArqSign", "arqsign", "processes"),
            Simulator(folder, "signhub", "SignHub", "signhub", "flows"),
            Simulator(folder, "adobe", "Adobe", "adobe_sign", "agreements"))


def confirmed(jobs):
    return sum(update["state"] == "confirmed" for job in jobs for update in job["updates"])


def ways(data):
    return collections.Counter(one.get("observedVia") for one in data)


def missing(simulators, stream):
    """What is not home yet, in words."""
    words = []
    posten, *others = simulators
    jobs = posten.processes()
    updates = sum(job["expected_updates"] for job in jobs)
    if not confirmed(jobs) == updates == len(stream.of(posten)):
        words.append(f"Posten: {updates} updates, {confirmed(jobs)} confirmed, {len(stream.of(posten))} published")
    for simulator in others:
        ended = sum(data["terminal"] for data in stream.of(simulator))
        if ended != len(simulator.processes()):
            words.append(f"{simulator.title}: {len(simulator.processes())} {simulator.things}, {ended} ended")
    how = ways(data for data in stream.of(simulators[-1]) if data["terminal"])
    words += [f"Adobe: no agreement ended by a {way}" for way in ("webhook", "sweep") if not how[way]]
    return words


def arrival(what, simulator, process, news, via="", name="", documents=""):
    short = process if len(process) <= 14 else process[:4] + "..." + process[-7:]
    print(ARRIVAL.format(time.strftime("%H:%M:%S") + f".{int(time.time() * 10) % 10}", what, simulator.title, short, news, via, name,
                         documents).rstrip(), flush=True)


def show_webhooks(simulators, seen):
    for simulator in simulators:
        for hook in simulator.ask("/notifications")["notifications"]:
            process = hook.get("agreement") or hook["process"]
            news = TRIGGERS[hook["trigger"]] if "trigger" in hook else hook["event"].removeprefix("AGREEMENT_").replace("_", " ").lower()
            if hook["state"] in ("acknowledged", "delivered") and (process, news) not in seen:
                seen.add((process, news))
                arrival("webhook", simulator, process, news)


def show_events(simulators, events):
    for event in events:
        data = event["data"]
        simulator = next(one for one in simulators if one.provider == data["provider"])
        kinds = collections.Counter(document["kind"] for document in data["documents"])
        arrival("event", simulator, data["providerDocumentId"], data["status"].replace("_", " "), data.get("observedVia", ""),
                event.get("correlationid", ""), ", ".join(kind if n == 1 else f"{n} {kind}" for kind, n in kinds.items()))


def show_arrivals(simulators, stream):
    print(ARRIVAL.format("TIME", "WHAT", "PROVIDER", "PROCESS", "NEWS", "FOUND BY", "CORRELATION ID", "DOCUMENTS"))
    _, arqsign, _, adobe = simulators
    seen, end = set(), time.monotonic() + PATIENCE_SECONDS
    while True:
        show_webhooks((arqsign, adobe), seen)
        show_events(simulators, stream.read())
        left = missing(simulators, stream)
        if not left:
            return
        if time.monotonic() > end:
            sys.exit("not in time: " + "; ".join(left))
        time.sleep(0.2)


def show_summary(simulators, stream):
    stream.read()
    print(TOTALS.format("PROVIDER", "PROCESSES", "EVENTS", "BY POLL", "BY WEBHOOK", "BY SWEEP", "DOCUMENTS", "CALLS", "RULES BROKEN"))
    violations = 0
    for simulator in simulators:
        data, referee = stream.of(simulator), simulator.ask("/referee")
        violations += referee["violations"]
        print(TOTALS.format(simulator.title, len(simulator.processes()), len(data), *(ways(data)[way] for way in ("poll", "webhook", "sweep")),
                            sum(len(one["documents"]) for one in data), referee["calls"], referee["violations"]))
    documents = [document for event in stream.events for document in event["data"]["documents"]]
    right = sum(hashlib.sha256(pathlib.Path(document["uri"].removeprefix("file://")).read_bytes()).hexdigest() == document["sha256"]
                for document in documents)
    jobs = simulators[0].processes()
    print(f"\n  Posten: {confirmed(jobs)} of {sum(job['expected_updates'] for job in jobs)} updates confirmed.")
    print(f"  On disk with the hash that its event names: {right} of {len(documents)} documents.")
    left = missing(simulators, stream)
    if left or right != len(documents) or violations:
        sys.exit("something is wrong: " + "; ".join(left or ["see above"]))


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("arrivals", "summary"):
        sys.exit(__doc__)
    folder = pathlib.Path(sys.argv[2])
    show = show_arrivals if sys.argv[1] == "arrivals" else show_summary
    show(simulators_in(folder), Stream(folder))


if __name__ == "__main__":
    main()
