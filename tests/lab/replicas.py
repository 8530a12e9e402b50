"""Several daemons on one configuration, each with listeners and a log of its own."""
import signal
import subprocess


class Replica:
    def __init__(self, lab, name, changes=()):
        """`changes`: pairs of what the lab's configuration says and what this one's says instead."""
        self.lab = lab
        self.name = name
        self.port = lab.ports.take()
        self.config = lab.folder / f"{name}.toml"
        text = lab.config.read_text()
        for old, new in ((f":{lab.listen_port}\"", f":{self.port}\""), *changes):
            assert old in text, f"the configuration does not say {old}"
            text = text.replace(old, new)
        self.config.write_text(text + f'\n[admin]\nlisten = "unix:{lab.folder / name}.sock"\n')
        self.log = lab.folder / f"{name}.log"
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            command = [self.lab.binaries / "signwatch", "run", "--config", self.config]
            self.process = self.lab.spawn(command, stdout=subprocess.DEVNULL, stderr=log)

    def said(self, words):
        return words in self.log.read_text(errors="replace")

    def show_log(self):
        print(f"--- {self.log.name} ---")
        print("\n".join(self.log.read_text(errors="replace").splitlines()[-40:]))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def stop(self, timeout=15):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)
