#!/usr/bin/env python3
"""Every error code that the sources name is in the fixed list of metric labels; else it would be counted as "other"."""

import re

import sources

LIST = "core/telemetry/reason_codes.cpp"

if __name__ == "__main__":
    known = set(re.findall(r'"([a-z0-9_]+)"', sources.read(LIST)))
    paths = [path for path in sources.files((".cpp", ".hpp"), rooms=("core", "providers")) if not path.endswith("_test.cpp")]
    problems = []
    for path in paths:
        for number, line in enumerate(sources.read(path).splitlines(), 1):
            for code in re.findall(r'ErrorKind::\w+, *"([a-z0-9_]+)"', line):
                if code not in known:
                    problems.append(f'{path}:{number}: "{code}" is missing in {LIST}')
    sources.finish("reason codes", problems, len(paths))
