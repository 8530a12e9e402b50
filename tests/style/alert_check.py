#!/usr/bin/env python3
"""The alert rules are valid, use metrics that exist, and each has a test that shows it silent and firing."""

import re
import subprocess

import sources

RULES = "deploy/prometheus/alerts.yml"
TESTS = "deploy/prometheus/alerts_test.yml"
FAMILIES = "core/telemetry/metric_families.cpp"
COLLECTORS = "core/telemetry/collectors.cpp"


def promtool_problems(*command):
    run = subprocess.run(["promtool", *command], cwd=sources.repository(), capture_output=True, text=True, timeout=100)
    if run.returncode != 0:
        yield f"{command[-1]}:1: promtool: {(run.stdout + run.stderr).strip()}"


if __name__ == "__main__":
    problems = [*promtool_problems("check", "rules", RULES), *promtool_problems("test", "rules", TESTS)]
    rules, tests = sources.read(RULES), sources.read(TESTS)
    existing = {f"signwatch_{name}" for name in re.findall(r'registry, "(\w+)"', re.sub(r"\(\s*registry,\s*", "(registry, ", sources.read(FAMILIES)))}
    existing |= set(re.findall(r'"(signwatch_\w+)"', sources.read(COLLECTORS)))
    for alert in re.findall(r"alert: (\w+)", rules):
        if tests.count(f'alertname="{alert}",alertstate="firing"') < 2:
            problems.append(f"{TESTS}:1: no test of {alert}")
    for metric in sorted(set(re.findall(r"\bsignwatch_\w+", rules))):
        if metric not in existing:
            problems.append(f"{RULES}:1: {metric} is not a metric of ours")
    sources.finish("alert rules", problems, len(existing) and 2)
