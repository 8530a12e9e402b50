#!/usr/bin/env python3
"""Builds a form that the coroutine rules forbid with g++ and prints what comes of it, beside the right answer.

It documents why the rules exist and passes whether or not the compiler is fixed. With --must-work the program is a safe
form, and a wrong answer is a failure. Arguments: compiler, repository, source, expected output [--must-work].
"""

import os
import subprocess
import sys
import tempfile

SANITIZED = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]


def observe(compiler, repository, source, options):
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "canary")
        subprocess.run([compiler, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-I", repository, *options, source, "-o", program],
                       check=True)
        environment = dict(os.environ, ASAN_OPTIONS="detect_leaks=0")
        run = subprocess.run([program], capture_output=True, text=True, env=environment, timeout=60)
    if run.returncode == 0:
        return run.stdout.strip()
    signs = [line.strip() for line in run.stderr.splitlines() if "ERROR: AddressSanitizer" in line or "runtime error" in line]
    return signs[0] if signs else f"ended with code {run.returncode}"


def main():
    compiler, repository, source, expected = sys.argv[1:5]
    must_work = "--must-work" in sys.argv
    failed = False
    for options in (["-O0"], ["-O2"], ["-O0", *SANITIZED]):
        result = observe(compiler, repository, source, options)
        verdict = "right" if result == expected else f"WRONG (right is {expected})"
        print(f"{os.path.basename(compiler)} {' '.join(options)}: {os.path.basename(source)}: {result}: {verdict}")
        failed = failed or (must_work and result != expected)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
