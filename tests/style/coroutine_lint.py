#!/usr/bin/env python3
"""Enforces the coroutine rules that can be seen in the text (ARCHITECTURE.md gives all seven and why):

1. co_await stands alone: `x = co_await f(args);`, `co_return co_await f(args);`, or a declaration's initialiser;
   never in a condition, an argument or a larger expression, and never taken apart where it is awaited (rule 7).
2. No `{` and no `[` inside a co_await expression.
6. No coroutine that is a capturing lambda.

With --self-test it checks the samples: every one in good.txt must pass, every one in bad.txt must not.
"""

import os
import re
import sys

import sources

CONTROL = re.compile(r"^(?:\}\s*)?(?:(?:else\s+)?(?:if|while|for)\s*(?:constexpr\s*)?\(\)|else|do"
                     r"|case\s[^:]+(?:::[^:]+)*:(?!:)|default\s*:)\s*")
TARGET = re.compile(r"^(?:"
                    r"co_return\s+"                                          # co_return co_await f();
                    r"|\(\)\s*"                                              # (void)co_await f();
                    r"|[\w.:>\-\[\]]+\s*=\s*"                                # x = co_await f();
                    r"|(?:const\s+|constexpr\s+|static\s+)*[\w:]+(?:<.*>)?(?:\s+const)?[\s&*]+\w+\s*=\s*"  # T x = co_await f();
                    r")?$", re.DOTALL)
OPERATOR = re.compile(r"[?+|%!/^=]|&&|\s[-*<>]\s")
LAMBDA = re.compile(r"\[(?!\])[^\[\]]+\]\s*(?:\([^()]*(?:\([^()]*\)[^()]*)*\))?\s*(?:mutable\s*)?"
                    r"(?:->\s*[\w:]+(?:<[^{;]*>)?\s*)?\{")
OPEN, CLOSE = "([{", ")]}"


def start_of_statement(code, at):
    """Where the statement with the co_await at `at` begins, and whether an open parenthesis lies between."""
    depth = 0
    for i in range(at - 1, -1, -1):
        c = code[i]
        if depth == 0 and c in ";{}":
            return i + 1, False
        if c in ")]}":
            depth += 1
        elif c in "([{":
            if depth == 0:
                return i + 1, True
            depth -= 1
    return 0, False


def collapse(text):
    """`if (a(b)) x` becomes `if () x`."""
    result, depth = "", 0
    for c in text:
        if c == ")":
            depth -= 1
        if depth == 0:
            result += c
        if c == "(":
            depth += 1
    return result


def end_of_expression(code, at):
    depth = 0
    for i in range(at, len(code)):
        c = code[i]
        if c in OPEN:
            depth += 1
        elif c in CLOSE:
            if depth == 0:
                return i, False
            depth -= 1
        elif c == ";" and depth == 0:
            return i, True
    return len(code), False


def stands_alone(prefix):
    rest = collapse(prefix).strip()
    while True:
        control = CONTROL.match(rest)
        if not control:
            break
        rest = rest[control.end():]
    return TARGET.match(rest + " " if rest and not rest.endswith("=") else rest) is not None


def capturing_coroutines(code):
    for match in LAMBDA.finditer(code):
        end, _ = end_of_expression(code, match.end())
        body = code[match.end():end]
        if re.search(r"\bco_(await|return|yield)\b", body):
            yield match.start(), "rule 6: a coroutine must not be a capturing lambda"


def problems_in(code):
    """Pairs of position and message."""
    found = []
    for match in re.finditer(r"\bco_await\b", code):
        at = match.start()
        begin, nested = start_of_statement(code, at)
        end, complete = end_of_expression(code, match.end())
        expression = code[match.end():end]
        if nested or not complete:
            found.append((at, "rule 1: co_await must stand alone, not in a condition or an argument"))
        elif not stands_alone(code[begin:at]):
            found.append((at, "rule 1: only `x = co_await f();`, `co_return co_await f();` or a plain declaration"))
        elif OPERATOR.search(collapse(expression)):
            found.append((at, "rule 1: co_await must not be part of a larger expression"))
        if re.search(r"[{\[]", expression):
            found.append((at, "rule 2: no { and no [ inside a co_await expression"))
    return found + list(capturing_coroutines(code))


def check(paths):
    problems = []
    for path in paths:
        code = sources.without_text(sources.read(path))
        for at, message in sorted(problems_in(code)):
            problems.append(f"{path}:{code.count(chr(10), 0, at) + 1}: {message}")
    return problems


def self_test():
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "samples")
    wrong, count = [], 0
    for name, must_pass in (("good.txt", True), ("bad.txt", False)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            samples = [text for text in file.read().split("\n\n") if text.strip()]
        count += len(samples)
        for sample in samples:
            found = problems_in("void f() {\n" + sources.without_text(sample) + "\n}\n")
            if bool(found) == must_pass:
                wrong.append(f"samples/{name}: judged wrongly: {sample.strip()} {[text for _, text in found]}")
    sources.finish("coroutine lint self-test", wrong, count)


if __name__ == "__main__":
    if "--self-test" in sys.argv[1:]:
        self_test()
    paths = sources.files((".cpp", ".hpp"))
    sources.finish("coroutine lint", check(paths), len(paths))
