"""A private PostgreSQL cluster in a temporary folder, reached through a Unix socket there."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile

from lab import wait_until

USER = "postgres"  # PostgreSQL refuses to run as root


def programs():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    assert found, "PostgreSQL is not installed: deploy/install-packages postgres"
    return found[-1].parent


class Cluster:
    def __init__(self, lab, *settings):
        """`settings`: further ones of PostgreSQL, "name=value"."""
        self.lab = lab
        self.settings = [word for setting in settings for word in ("-c", setting)]
        self.server = None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="signwatch-lab-postgres-"))
        if os.getuid() == 0:
            os.chown(self.folder, pwd.getpwnam(USER).pw_uid, -1)
        subprocess.run(self.as_owner("initdb", "-D", self.folder / "data", "-U", "signwatch", "-A", "trust", "-E", "UTF8",
                                     "--locale=C", "--no-sync"), check=True, stdout=subprocess.DEVNULL, timeout=120)
        self.start()
        self.sql("postgres", "CREATE DATABASE signwatch")

    def as_owner(self, program, *arguments):
        ahead = ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", "--pdeathsig", "KILL"] if os.getuid() == 0 else []
        return [str(word) for word in (*ahead, programs() / program, *arguments)]

    def start(self):
        with open(self.folder.with_suffix(".log"), "ab") as log:
            self.server = self.lab.spawn(self.as_owner("postgres", "-D", self.folder / "data", "-k", self.folder, "-c",
                                                       "listen_addresses=", "-c", "shared_buffers=32MB", *self.settings), stdout=log, stderr=log)
        wait_until(self.answers, 60, "PostgreSQL answers")

    def answers(self):
        return subprocess.run([programs() / "pg_isready", "-q", "-h", self.folder]).returncode == 0

    def stop_immediately(self):
        """As a crash: nothing is finished, and the next start recovers from the log."""
        self.server.send_signal(signal.SIGQUIT)
        self.server.wait(30)

    def close(self):
        if self.server.poll() is None:
            self.stop_immediately()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.with_suffix(".log").unlink(missing_ok=True)

    def sql(self, database, statement):
        command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "signwatch", "-d", database,
                   "-c", statement]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()

    def section(self):
        return f'[postgres]\naddress = "unix:{self.folder}"\n'
