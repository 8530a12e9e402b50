#!/usr/bin/python3
"""The quickstart's last word: every update is home, every document on disk as its event says, no rule of a provider broken.

usage: quickstart_check.py [--quiet | --webhooks] FOLDER

--webhooks prints each webhook as it is answered, until it is ended.
"""
import hashlib
import json
import pathlib
import subprocess
import sys
import time
import urllib.request


# What ArqSign's webhooks are about, by their number.
TRIGGERS = ("", "sent", "could not be sent", "signed by one", "refused by one", "cancelled", "expired", "sent again", "signed by all")


class Provider:
    def __init__(self, folder, name):
        self.control = json.loads((folder / name / "simulator.json").read_text())["control"]

    def ask(self, path):
        with urllib.request.urlopen(self.control + path) as answer:
            return json.load(answer)


def published(folder):
    raw = subprocess.run(["redis-cli", "-s", folder / "redis.sock", "--json", "XRANGE", "signwatch:events", "-", "+"],
                         capture_output=True, check=True, text=True).stdout
    return [json.loads(fields[fields.index("ce") + 1]) for _, fields in json.loads(raw)]


def print_webhooks(providers):
    seen = set()
    while True:
        for name, provider in providers:
            for hook in provider.ask("/notifications")["notifications"]:
                what = hook.get("event") or TRIGGERS[hook["trigger"]]
                key = name, hook.get("id", (hook.get("process"), what))
                if hook["state"] in ("acknowledged", "delivered") and key not in seen:
                    seen.add(key)
                    print(f"webhook   {name}  {hook.get('agreement', hook.get('process'))}  {what}", flush=True)
        time.sleep(0.1)


def main():
    quiet = "--quiet" in sys.argv
    folder = pathlib.Path(sys.argv[-1])
    posten, arqsign, signhub, adobe = (Provider(folder, name) for name in ("posten", "arqsign", "signhub", "adobe"))
    if "--webhooks" in sys.argv:
        print_webhooks((("ArqSign", arqsign), ("Adobe", adobe)))
    events = published(folder)

    jobs = posten.ask("/jobs")["jobs"]
    updates = sum(job["expected_updates"] for job in jobs)
    confirmed = sum(update["state"] == "confirmed" for job in jobs for update in job["updates"])
    told = sum(event["data"]["provider"] == "posten" for event in events)
    ended = {provider: sum(event["data"]["provider"] == provider and event["data"]["terminal"] for event in events)
             for provider in ("arqsign", "signhub", "adobe_sign")}
    registered = {"arqsign": len(arqsign.ask("/processes")["processes"]), "signhub": len(signhub.ask("/flows")["flows"]),
                  "adobe_sign": len(adobe.ask("/agreements")["agreements"])}
    via = {way: sum(event["data"]["provider"] == "adobe_sign" and event["data"]["terminal"]
                    and event["data"].get("observedVia") == way for event in events) for way in ("webhook", "sweep")}
    home = confirmed == updates == told and ended == registered and all(via.values())
    if quiet:
        sys.exit(0 if home else 1)

    documents = [document for event in events for document in event["data"]["documents"]]
    wrong = [d for d in documents
             if hashlib.sha256(pathlib.Path(d["uri"].removeprefix("file://")).read_bytes()).hexdigest() != d["sha256"]]
    referees = [provider.ask("/referee") for provider in (posten, arqsign, signhub, adobe)]
    violations = sum(referee["violations"] for referee in referees)
    rows = [("Posten: jobs", len(jobs)), ("Posten: status updates", updates), ("Posten: confirmed", confirmed),
            ("ArqSign: processes registered", registered["arqsign"]), ("ArqSign: brought home", ended["arqsign"]),
            ("SignHub: flows registered", registered["signhub"]), ("SignHub: brought home", ended["signhub"]),
            ("Adobe: agreements completed", ended["adobe_sign"]), ("Adobe: told by a webhook", via["webhook"]),
            ("Adobe: found by the sweep", via["sweep"]), ("events in Redis", len(events)),
            ("documents on disk", len(documents)), ("with another hash than their event says", len(wrong)),
            ("calls to the providers", sum(referee["calls"] for referee in referees)),
            ("rules of the providers broken", violations)]
    for name, value in rows:
        print(f"  {name:<42}{value:>8}")
    if not home or wrong or violations:
        print(f"something is wrong; see {folder}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
