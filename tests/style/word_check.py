#!/usr/bin/env python3
"""Nothing is left half done: words that promise later work do not occur outside the documentation."""

import re

import sources

WORDS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX"]) + r")\b"
                   r"|\b(?i:" + "|".join(["st" + "ubs?", "place" + "holders?"]) + r")\b")

if __name__ == "__main__":
    paths = sources.files(sources.TEXT, rooms=(*sources.ROOMS, "cmake", "schema", "deploy", "systemd"))
    problems = []
    for path in paths:
        for number, line in enumerate(sources.read(path).splitlines(), 1):
            word = WORDS.search(line)
            if word:
                problems.append(f"{path}:{number}: \"{word.group(0)}\": finish it or write an issue")
    sources.finish("words", problems, len(paths))
