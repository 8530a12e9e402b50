"""A laboratory on one machine: the simulator, a private Redis and the real daemon, on private ports in a temporary folder.

Black-box tests, the crash campaign and the bench use it, so that all of them run signwatch as an operator would.
"""
import fcntl
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import jsonschema
import redis

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ORGANISATION = "123456789"
STREAM = "signwatch:events"


class Ports:
    """Ports that are ours until we let go of them. They lie below the range that the kernel gives to outgoing connections: a port that
    is free while the daemon is dead must still be free when it starts again. A locked file keeps other labs away."""

    FIRST, COUNT = 20000, 8000

    def __init__(self):
        self.locks = []

    def take(self):
        folder = pathlib.Path(tempfile.gettempdir()) / f"signwatch-lab-ports-{os.getuid()}"
        folder.mkdir(exist_ok=True)
        while True:
            port = self.FIRST + random.randrange(self.COUNT)
            lock = open(folder / str(port), "w")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", port))
            except OSError:
                lock.close()
                continue
            self.locks.append(lock)
            return port

    def release(self):
        for lock in self.locks:
            lock.close()


PATIENCE = 3  # times as long as a wait should take it may take, on a machine with a slow disk and much else to do


def wait_until(condition, timeout, what):
    """Returns the first true value of condition(); fails loudly when the usual `timeout` seconds are long over."""
    timeout *= PATIENCE
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s: {what}")
        time.sleep(0.02)


def confirmed(job):
    """Whether every update that the simulator has planned for a job was offered and confirmed."""
    return sum(update["state"] == "confirmed" for update in job["updates"]) == job["expected_updates"]


class Simulator:
    """One provider imitated: its process, and how its account is configured."""

    # What each provider's account names besides root_url and ca_file.
    KEYS = {"signhub": ("api_key_file",), "arqsign": ("app_key_file", "subscription_key_file"),
            "adobe": ("integration_key_file",)}
    # What an account calls the provider, where that is another word than the simulator's.
    NAMES = {"adobe": "adobe_sign"}

    def __init__(self, provider, where):
        self.provider = provider
        self.where = where

    def control(self, method, path, body=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.where["control"] + path, data=data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def referee(self):
        return self.control("GET", "/referee")

    def hosts(self):
        """host:port of everything that this provider may lead the daemon to."""
        return [url.split("/")[2] for url in (self.where["root"], self.where["api"], self.where["other_api"])]

    def account(self, name, extra="", keys=None):
        """The [[account]] table that leads the daemon here; `keys` instead of the usual ones name who it is."""
        files = "".join(f'{key} = "{self.where[key]}"\n' for key in ("ca_file", *(keys or self.KEYS[self.provider])))
        if self.provider == "adobe":
            files += f"allowed_hosts = {json.dumps(self.hosts())}\n"
        return f"""
[[account]]
name = "{name}"
provider = "{self.NAMES.get(self.provider, self.provider)}"
root_url = "{self.where['root']}"
{files}{extra}
"""


class Lab:
    def __init__(self, binaries):
        self.binaries = pathlib.Path(binaries)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="signwatch-lab-"))
        self.children = []
        self.simulator = self.redis_server = self.daemon = None
        self.ports = Ports()
        self.redis_port = self.ports.take()
        self.redis_socket = str(self.folder / "redis.sock")
        self.listen_port = self.ports.take()
        self.log = self.folder / "daemon.log"
        self.store = ""  # further keys of [store]
        self.partitions = 1  # of the stream of events

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for child in self.children:
            if child.poll() is None:
                child.kill()
                child.wait()
        if kind is not None:
            self.show_log()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.ports.release()

    def show_log(self):
        if self.log.exists():
            print("--- last lines of the daemon's log ---")
            print("\n".join(self.log.read_text(errors="replace").splitlines()[-40:]))

    def spawn(self, arguments, **options):
        child = subprocess.Popen([str(a) for a in arguments], **options)
        self.children.append(child)
        return child

    # The simulator.

    def start_simulator(self, *options):
        folder = self.folder / "simulator"
        folder.mkdir(exist_ok=True)
        command = [self.binaries / "signwatch-simulator", "posten", "--directory", folder, "--organisation", ORGANISATION]
        with open(self.folder / "simulator.log", "ab") as log:
            self.simulator = self.spawn(command + list(options), stdout=subprocess.PIPE, stderr=log)
        self.where = json.loads(self.simulator.stdout.readline())
        return self.where

    def add_simulator(self, provider, *options):
        """Another provider beside Posten, or instead of it."""
        folder = self.folder / provider
        folder.mkdir(exist_ok=True)
        command = [self.binaries / "signwatch-simulator", provider, "--directory", folder]
        with open(self.folder / f"{provider}.log", "ab") as log:
            child = self.spawn(command + list(options), stdout=subprocess.PIPE, stderr=log)
        where = json.loads(child.stdout.readline())
        where.setdefault("ca_file", str(folder / where.get("ca", "ca.pem")))
        for key in Simulator.KEYS[provider]:
            where.setdefault(key, str(folder / (key.removesuffix("_key_file") + ".key")))
        return Simulator(provider, where)

    def flood(self, url, *options):
        """Notifications against the inbound listener of the daemon: what signwatch-hook-flood says of them."""
        command = [self.binaries / "signwatch-hook-flood", "--url", url, *options]
        done = subprocess.run([str(a) for a in command], capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def control(self, method, path, body=None):
        return Simulator("posten", self.where).control(method, path, body)

    def referee(self):
        return self.control("GET", "/referee")

    def jobs(self):
        return self.control("GET", "/jobs")["jobs"]

    # Redis.

    def start_redis(self, *options):
        command = ["redis-server", "--port", self.redis_port, "--bind", "127.0.0.1", "--unixsocket", self.redis_socket,
                   "--dir", self.folder, "--save", "", "--appendonly", "no", *options]
        self.redis_server = self.spawn(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self.redis_answers, 10, "redis-server answers")

    def redis_answers(self):
        try:
            return self.redis().ping()
        except redis.RedisError:
            return False

    def redis(self):
        return redis.Redis(unix_socket_path=self.redis_socket)

    def streams(self):
        """The names of all streams that events may be in."""
        parts = range(self.partitions if self.partitions > 1 else 0)
        return [STREAM] + [f"{STREAM}:{{{part}}}" for part in parts]

    def entries_in(self, stream, client=None):
        found = (client or self.redis()).xrange(stream)
        return [(entry.decode(), json.loads(fields[b"ce"])) for entry, fields in found]

    def entries(self):
        """Every entry of every stream as (entry id, event), in the order of the ids."""
        client = self.redis()
        found = [entry for stream in self.streams() for entry in self.entries_in(stream, client)]
        return sorted(found, key=lambda entry: tuple(map(int, entry[0].split("-"))))

    # The daemon.

    def write_config(self, account="", top=""):
        material = self.folder / "simulator"
        return self.write_accounts(f"""
[[account]]
name = "acme"
provider = "posten"
environment = "custom"
root_url = "{self.where['root']}"
organisation = "{ORGANISATION}"
ca_file = "{material / 'ca.pem'}"
client_certificate_file = "{material / 'client.pem'}"
client_key_file = "{material / 'client.key'}"
{account}
""", top)

    def write_accounts(self, accounts, top="", redis=""):
        """The configuration, with whatever accounts it has."""
        if self.partitions > 1:
            redis += f"partitions = {self.partitions}\n"
        text = f"""
[store]
directory = "{self.folder / 'store'}"
{self.store}
[redis]
address = "unix:{self.redis_socket}"
{redis}
[listen]
internal = "127.0.0.1:{self.listen_port}"
{top}
{accounts}
"""
        (self.folder / "store").mkdir(exist_ok=True)
        self.config = self.folder / "signwatch.toml"
        self.config.write_text(text)
        return self.config

    def start_daemon(self, *options, ready=True):
        command = [self.binaries / "signwatch", "run", "--config", self.config, *options]
        with open(self.log, "ab") as log:
            self.daemon = self.spawn(command, stdout=subprocess.DEVNULL, stderr=log)
        if ready:
            wait_until(lambda: self.daemon.poll() is not None or self.http("/startupz")[0] == 200, 30, "daemon starts")
        return self.daemon

    def stop_daemon(self, timeout=15):
        self.daemon.send_signal(signal.SIGTERM)
        return self.daemon.wait(timeout)

    def http(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.listen_port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def metric(self, name):
        """The sum over all label sets of one metric."""
        total = 0.0
        for line in self.http("/metrics")[1].splitlines():
            if line.startswith((name + "{", name + " ")):
                total += float(line.rsplit(" ", 1)[1])
        return total

    def cli(self, *arguments, check=True, timeout=60):
        command = [str(self.binaries / "signwatch"), *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
        if check and done.returncode != 0:
            raise AssertionError(f"{command} ended {done.returncode}: {done.stdout}{done.stderr}")
        return done

    # What must be true in the end.

    def all_confirmed(self):
        return all(confirmed(job) for job in self.jobs())

    def expected_events(self):
        return sum(job["expected_updates"] for job in self.jobs())

    def check(self, expected_events):
        """The promises: referee clean, one valid event per status change, every document stored as the event says."""
        referee = self.referee()
        assert referee["violations"] == 0, json.dumps(referee, indent=1)
        self.check_events(expected_events)
        return referee

    def read_document(self, uri):
        return pathlib.Path(uri.removeprefix("file://")).read_bytes()

    def check_events(self, expected_events):
        """One valid event per status change, in order, and every document stored as its event says."""
        schema = json.loads((SOURCE / "schema/events/signature.v1.json").read_text())
        validator = jsonschema.Draft7Validator(schema)
        entries = self.entries()
        ids, sequences = set(), {}
        for _, event in entries:
            validator.validate(event)
            assert event["id"] not in ids, f"event {event['id']} twice"
            ids.add(event["id"])
            sequences.setdefault(event["partitionkey"], []).append(int(event["sequence"]))
            for document in event["data"]["documents"]:
                body = self.read_document(document["uri"])
                assert len(body) == document["size"]
                assert hashlib.sha256(body).hexdigest() == document["sha256"]
        for key, numbers in sequences.items():
            assert numbers == list(range(1, len(numbers) + 1)), f"{key}: sequence {numbers}"
        assert len({entry for entry, _ in entries}) == len(entries), "an entry id twice"
        assert len(entries) == expected_events, f"{len(entries)} events, expected {expected_events}"
        return entries
