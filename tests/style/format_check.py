#!/usr/bin/env python3
"""Every source is formatted by clang-format 14 with the repository's .clang-format."""

import re
import subprocess
import sys

import sources

if __name__ == "__main__":
    tool = sys.argv[1] if len(sys.argv) > 1 else "clang-format-14"
    paths = sources.files((".cpp", ".hpp"))
    halves = [paths[0::2], paths[1::2]]
    runs = [subprocess.Popen([tool, "--dry-run", "--Werror", "--style=file", *half], cwd=sources.repository(),
                             stderr=subprocess.PIPE, text=True) for half in halves if half]
    first_place = {}
    for run in runs:
        _, errors = run.communicate()
        places = re.findall(r"^(\S+):(\d+):\d+: error: .*$", errors, re.MULTILINE)
        for path, line in places:
            first_place.setdefault(path, line)
        if run.returncode != 0 and not places:
            first_place[errors.strip()] = 0
    problems = [f"{path}:{line}: not formatted from here on: {tool} -i {path}" for path, line in sorted(first_place.items())]
    sources.finish("format", problems, len(paths))
