"""The files that the style checks look at, and the one way in which they report."""

import os
import re
import sys

ROOMS = ("core", "daemon", "providers", "tests")
TEXT = (".cpp", ".hpp", ".py", ".cmake", ".txt", ".sql", ".service", ".yml", ".sh", ".toml")


def repository():
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def files(suffixes, rooms=ROOMS, leave_out=("fixtures", "samples", "__pycache__", "build")):
    """Paths from the repository root, sorted."""
    root = repository()
    found = []
    for room in rooms:
        for folder, folders, names in os.walk(os.path.join(root, room)):
            folders[:] = [name for name in folders if name not in leave_out]
            found += [os.path.relpath(os.path.join(folder, name), root) for name in names if name.endswith(suffixes)]
    return sorted(found)


def read(path):
    with open(os.path.join(repository(), path), encoding="utf-8") as file:
        return file.read()


TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/'                                   # comments
    r'|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"'                  # raw strings
    r'|"(?:\\.|[^"\\\n])*"'                                 # strings
    r"|(?<![0-9a-fA-FxX])'(?:\\.|[^'\\\n])+'",              # characters, not digit separators
    re.DOTALL)


def without_text(code):
    """The code with comments blanked and literals emptied; every line stays on its line."""
    def blank(match):
        text = match.group(0)
        lines = "\n" * text.count("\n")
        if text.startswith("/"):
            return " " + lines
        return ("''" if text.startswith("'") else '""') + lines
    return TOKENS.sub(blank, code)


def finish(name, problems, looked_at):
    """Prints `file:line: problem` lines and ends the program."""
    for problem in problems:
        print(problem)
    print(f"{name}: {looked_at} files, {len(problems)} problems")
    if looked_at == 0:
        print(f"{name}: nothing was checked")
    sys.exit(1 if problems or looked_at == 0 else 0)
