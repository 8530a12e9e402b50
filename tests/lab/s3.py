"""A private S3 server with one bucket in a temporary folder: s3rver, which tests/s3rver/install puts in place."""
import signal
import ssl
import subprocess
import urllib.parse
import urllib.request

from lab import SOURCE, wait_until

PROGRAM = SOURCE / "build/s3rver/node_modules/.bin/s3rver"
BUCKET = "documents"
KEY = "S3RVER"  # the id and the secret that it takes


def installed():
    return PROGRAM.exists()


class Bucket:
    def __init__(self, lab):
        self.lab = lab
        self.folder = lab.folder / "s3"
        self.folder.mkdir()
        self.port = lab.ports.take()
        self.key_file = self.folder / "key"
        self.key_file.write_text(KEY)
        self.key_file.chmod(0o600)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                        "-subj", "/CN=s3", "-addext", "subjectAltName=DNS:localhost", "-keyout", self.folder / "key.pem",
                        "-out", self.folder / "cert.pem"], check=True, capture_output=True, timeout=60)
        self.start()

    def start(self):
        # Its continuation tokens are DES, hence the legacy provider.
        command = ["node", "--openssl-legacy-provider", "--require", SOURCE / "tests/s3rver/finish_writes.js", PROGRAM,
                   "--directory", self.folder / "objects", "--address", "127.0.0.1", "--port", self.port, "--silent",
                   "--service-endpoint", "localhost", "--key", self.folder / "key.pem", "--cert", self.folder / "cert.pem",
                   "--configure-bucket", BUCKET]
        with open(self.folder / "s3rver.log", "ab") as log:
            self.server = self.lab.spawn(command, stdout=log, stderr=log)
        wait_until(self.answers, 60, "the S3 server answers")

    def answers(self):
        assert self.server.poll() is None, (self.folder / "s3rver.log").read_text()
        try:
            return self.get("/")
        except OSError:
            return None

    def kill(self):
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()

    def get(self, path):
        """s3rver asks no reader for a signature: what the daemon has put is read without the daemon's code."""
        trust = ssl.create_default_context(cafile=self.folder / "cert.pem")
        with urllib.request.urlopen(f"https://localhost:{self.port}/{BUCKET}{path}", timeout=30, context=trust) as answer:
            return answer.read()

    def read(self, uri):
        """The document that an event names."""
        place = urllib.parse.urlsplit(uri)
        assert (place.scheme, place.netloc) == ("s3", BUCKET), uri
        return self.get(place.path)

    def section(self):
        return f"""[documents]
backend = "s3"
endpoint = "https://localhost:{self.port}"
bucket = "{BUCKET}"
prefix = "signed/"
ca_file = "{self.folder / 'cert.pem'}"
access_key_id_file = "{self.key_file}"
secret_access_key_file = "{self.key_file}"
"""
