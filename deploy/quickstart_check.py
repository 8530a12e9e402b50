#!/usr/bin/python3
"""The quickstart's last word: every update confirmed, every document on disk as its event says, no rule of the provider broken."""
import hashlib
import json
import pathlib
import subprocess
import sys
import urllib.request


def main():
    folder, control, socket = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    with urllib.request.urlopen(control + "/jobs") as answer:
        jobs = json.load(answer)["jobs"]
    with urllib.request.urlopen(control + "/referee") as answer:
        referee = json.load(answer)
    raw = subprocess.run(["redis-cli", "-s", socket, "--json", "XRANGE", "signwatch:events", "-", "+"],
                         capture_output=True, check=True, text=True).stdout
    events = [json.loads(fields[fields.index("ce") + 1]) for _, fields in json.loads(raw)]
    documents = [document for event in events for document in event["data"]["documents"]]
    wrong = [d for d in documents
             if hashlib.sha256(pathlib.Path(d["uri"].removeprefix("file://")).read_bytes()).hexdigest() != d["sha256"]]
    updates = sum(job["expected_updates"] for job in jobs)
    confirmed = sum(update["state"] == "confirmed" for job in jobs for update in job["updates"])
    rows = [("jobs at the provider", len(jobs)), ("status updates", updates), ("confirmed", confirmed),
            ("events in Redis", len(events)),
            ("documents on disk", len(documents)), ("with another hash than their event says", len(wrong)),
            ("calls to the provider", referee.get("calls", "-")), ("rules of the provider broken", referee["violations"])]
    for name, value in rows:
        print(f"  {name:<42}{value:>8}")
    if confirmed != updates or len(events) != updates or wrong or referee["violations"]:
        print(f"something is wrong; see {folder}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
