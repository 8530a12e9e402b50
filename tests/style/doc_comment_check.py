#!/usr/bin/env python3
"""Every header says what it is for: `#pragma once` and at least one documentation comment."""

import re

import sources

if __name__ == "__main__":
    paths = sources.files((".hpp",))
    problems = []
    for path in paths:
        text = sources.read(path)
        if not text.startswith("#pragma once\n"):
            problems.append(f"{path}:1: does not begin with #pragma once")
        if not re.search(r"^\s*///\s*\S", text, re.MULTILINE) and "///<" not in text:
            problems.append(f"{path}:1: no documentation comment (///)")
    sources.finish("documentation comments", problems, len(paths))
