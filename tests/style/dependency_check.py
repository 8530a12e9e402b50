#!/usr/bin/env python3
"""Dependencies point one way: an include leads only into rooms that the including room may know.

Tests beside the code, and their helpers (a file with test, fake, fixture or bench as a word of its name), may use tests/ and
every room of core; nothing else may use them.
"""

import re

import sources

ADAPTER = ("core/domain", "core/ports", "core/runtime", "core/crypto")
ALLOWED = {
    "core/domain": (),
    "core/ports": ("core/domain",),
    "core/crypto": (),
    "core/json": ("core/domain",),
    "core/runtime": ("core/domain", "core/ports"),
    "core/config": ("core/domain", "core/ports", "core/crypto"),
    "core/registry": ("core/domain", "core/ports", "core/crypto"),
    "core/pipeline": ("core/domain", "core/ports", "core/runtime", "core/crypto"),
    "core/reconcile": ("core/domain", "core/ports", "core/runtime"),
    "core/telemetry": ("core/domain", "core/ports"),
    "core/http": ADAPTER,
    "core/state": (*ADAPTER, "core/state/shared"),
    "core/state/copy": (*ADAPTER, "core/state/sqlite", "core/state/postgres"),
    "core/documents": (*ADAPTER, "core/documents/staging"),
    "core/events": ADAPTER,
    "core/verify": ADAPTER,
    "providers": ("core/domain", "core/ports", "core/crypto", "core/json", "core/config/section.hpp",
                  "core/runtime/condition.hpp"),
}
ANYTHING = ("daemon", "tests")


def room_of(path):
    parts = path.split("/")
    if parts[0] in ANYTHING:
        return parts[0]
    if parts[0] == "providers":
        return "/".join(parts[:2])
    # Each adapter of a port is a room of its own: state/sqlite knows nothing of state/postgres.
    return "/".join(parts[:3]) if parts[1] in ("state", "documents", "events") else "/".join(parts[:2])


def allowed_for(room):
    key = room
    while key and key not in ALLOWED:
        key = key.rpartition("/")[0]
    return ALLOWED.get(key)


def is_test(path):
    words = path.rpartition("/")[2].partition(".")[0].split("_")
    return any(word in ("test", "fake", "fixture", "bench") for word in words)


def may_include(path, target):
    room = room_of(path)
    if room == "tests" or (is_test(path) and target.startswith(("tests/", "core/"))):
        return True
    if is_test(target) or target.startswith("tests/"):
        return is_test(path)
    if room == "daemon":
        return True
    allowed = allowed_for(room)
    if allowed is None:
        return False
    return any(target == place or target.startswith(place + "/") for place in (room, *allowed))


def check(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        include = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
        if not include:
            continue
        target = include.group(1)
        if not target.startswith(tuple(room + "/" for room in sources.ROOMS)):
            yield f'{path}:{number}: includes "{target}": include from the repository root'
        elif not may_include(path, target):
            yield f"{path}:{number}: {room_of(path)} must not include {target}"


if __name__ == "__main__":
    assert not may_include("core/domain/error.cpp", "core/ports/clock.hpp")
    assert not may_include("core/pipeline/line.cpp", "core/state/sqlite/store.hpp")
    assert not may_include("core/pipeline/line.cpp", "tests/fakes/temp_dir.hpp")
    assert not may_include("core/state/sqlite/store.cpp", "core/state/postgres/store.hpp")
    assert not may_include("providers/posten/wire.cpp", "providers/arqsign/wire.hpp")
    assert not may_include("providers/posten/wire.cpp", "core/config/loader.hpp")
    assert not may_include("providers/posten/wire.cpp", "core/runtime/gather.hpp")
    assert may_include("providers/posten/wire.cpp", "core/config/section.hpp")
    assert not may_include("core/http/client.cpp", "core/http/client_fixture.hpp")
    assert not may_include("daemon/main.cpp", "tests/fakes/temp_dir.hpp")
    assert not may_include("providers/posten/wire_test.cpp", "daemon/application.hpp")
    assert may_include("core/http/client_test.cpp", "tests/fakes/temp_dir.hpp")
    assert may_include("core/http/client_test.cpp", "core/http/client_fixture.hpp")
    assert may_include("daemon/main.cpp", "providers/posten/factory.hpp")
    paths = sources.files((".cpp", ".hpp"))
    problems = [problem for path in paths for problem in check(path, sources.read(path))]
    sources.finish("dependency direction", problems, len(paths))
