#!/usr/bin/env python3
"""The systemd unit is valid, and as closed as we say: exposure at most 1.5 by systemd-analyze security.

Verification wants the program to exist, so it runs on a copy whose ExecStart is another program.
"""

import os
import re
import shutil
import subprocess
import tempfile

import sources

MOST_EXPOSURE = 1.5
NEEDED = ("Type=notify", "WatchdogSec=", "ExecReload=kill -HUP $MAINPID", "TimeoutStopSec=30", "Restart=on-failure",
          "StateDirectory=signwatch")


def output_of(*command):
    run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    return run.returncode, run.stdout + run.stderr


def exposure_problems(path):
    _, report = output_of("systemd-analyze", "security", "--offline=true", path)
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", report)
    if not level:
        yield f"{path}:1: systemd-analyze security said: {report.strip()[-300:]}"
        return
    print(f"exposure {level.group(1)}, at most {MOST_EXPOSURE}")
    if float(level.group(1)) > MOST_EXPOSURE:
        yield f"{path}:1: exposure {level.group(1)} is above {MOST_EXPOSURE}"


def verify_problems(path, text):
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, os.path.basename(path))
        with open(copy, "w", encoding="utf-8") as file:
            file.write(re.sub(r"^ExecStart=\S+", "ExecStart=" + shutil.which("true"), text, flags=re.MULTILINE))
        code, report = output_of("systemd-analyze", "verify", copy)
    if code != 0 or report.strip():
        yield f"{path}:1: systemd-analyze verify ended with {code}: {report.strip()}"


def account_problems(users, folders):
    """Applies sysusers.d and tmpfiles.d to an empty root."""
    if os.geteuid() != 0:
        print("not root: sysusers.d and tmpfiles.d were not tried")
        return
    with tempfile.TemporaryDirectory() as root:
        os.mkdir(os.path.join(root, "etc"))
        for tool, *arguments in (("systemd-sysusers", users), ("systemd-tmpfiles", "--create", folders)):
            code, report = output_of(tool, f"--root={root}", *arguments)
            if code != 0:
                yield f"{arguments[-1]}:1: {tool} ended with {code}: {report.strip()}"
        secrets = os.path.join(root, "etc/signwatch/secrets")
        if not os.path.isdir(secrets) or os.stat(secrets).st_mode & 0o077:
            yield f"{folders}:1: the folder for secrets is missing or open"


if __name__ == "__main__":
    systemd = os.path.join(sources.repository(), "systemd")
    unit = os.path.join(systemd, "signwatch.service")
    content = sources.read(unit)
    problems = [f"{unit}:1: lacks {line}" for line in NEEDED if f"\n{line}" not in content]
    problems += exposure_problems(unit)
    problems += verify_problems(unit, content)
    problems += account_problems(os.path.join(systemd, "signwatch.sysusers.conf"), os.path.join(systemd, "signwatch.tmpfiles.conf"))
    sources.finish("systemd unit", problems, 3)
