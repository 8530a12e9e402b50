#!/usr/bin/env python3
"""No source is longer than a reader's patience: 400 lines, tests 500."""

import sources


def limit_of(path):
    return 500 if path.startswith("tests/") or path.endswith("_test.cpp") else 400


if __name__ == "__main__":
    paths = sources.files((".cpp", ".hpp", ".py"))
    lengths = [(path, sources.read(path).count("\n")) for path in paths]
    problems = [f"{path}:{lines}: {lines} lines, at most {limit_of(path)}" for path, lines in lengths if lines > limit_of(path)]
    sources.finish("size", problems, len(paths))
