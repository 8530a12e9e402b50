"""What the benches read about processes."""
import os
import pathlib
import subprocess

TICKS = os.sysconf("SC_CLK_TCK")


def family(pid):
    """The process and its descendants."""
    found = [pid]
    for line in subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True).stdout.splitlines()[1:]:
        child, parent = map(int, line.split())
        if parent in found:
            found.append(child)
    return found


def cpu_seconds(pids):
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def server_cpu_seconds(pid):
    """Of a server that works in processes of its own: with those that have ended."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return cpu_seconds(family(pid)) + (int(fields[13]) + int(fields[14])) / TICKS


def peak_mb(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    return 0


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] if values else float("nan")
