"""Redis that fails over: a master, its replicas, and the Sentinels that watch over them, all private."""
import redis

from lab import wait_until

NAME = "events"
DOWN_AFTER_MS = 1000


class Node:
    """One redis-server on a port of its own."""

    def __init__(self, lab, *options):
        self.lab = lab
        self.port = lab.ports.take()
        self.folder = lab.folder / f"redis-{self.port}"
        self.folder.mkdir()
        self.options = options
        self.start()

    def start(self, *more):
        command = ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", self.folder, "--save", "",
                   "--repl-diskless-sync-delay", "0", "--enable-debug-command", "local", *self.options, *more]
        with open(self.folder / "log", "ab") as log:
            self.process = self.lab.spawn(command, stdout=log, stderr=log)
        wait_until(self.answers, 10, f"the Redis at {self.port} answers")

    def client(self):
        return redis.Redis(port=self.port, socket_timeout=5)

    def answers(self):
        try:
            return self.client().ping()
        except redis.RedisError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def role(self):
        return self.client().role()[0].decode()

    def follow(self, master):
        self.client().replicaof("127.0.0.1", master.port)

    def is_linked(self):
        return self.client().info("replication").get("master_link_status") == "up"


def cut_off(master):
    """From now on nothing reaches its replicas, and they do not notice: what is written now dies with the master."""
    client = master.client()
    client.execute_command("ACL", "SETUSER", "default", "-psync", "-sync")
    client.execute_command("CLIENT", "KILL", "TYPE", "replica")
    wait_until(lambda: client.info("replication")["connected_slaves"] == 0, 10, "no replica is connected")


class Sentinel:
    def __init__(self, lab, master, quorum):
        self.port = lab.ports.take()
        folder = lab.folder / f"sentinel-{self.port}"
        folder.mkdir()
        (folder / "sentinel.conf").write_text(f"""
port {self.port}
bind 127.0.0.1
dir {folder}
sentinel monitor {NAME} 127.0.0.1 {master.port} {quorum}
sentinel down-after-milliseconds {NAME} {DOWN_AFTER_MS}
sentinel failover-timeout {NAME} 6000
""")
        with open(folder / "log", "ab") as log:
            self.process = lab.spawn(["redis-server", folder / "sentinel.conf", "--sentinel"], stdout=log, stderr=log)

    def client(self):
        return redis.Redis(port=self.port, socket_timeout=5)

    def knows(self, replicas, sentinels):
        try:
            state = self.client().sentinel_master(NAME)
        except redis.RedisError:
            return False
        return state["num-slaves"] >= replicas and state["num-other-sentinels"] >= sentinels


class RedisFleet:
    """One master and `replicas` behind it, watched over by `sentinels`."""

    def __init__(self, lab, replicas=2, sentinels=3):
        self.nodes = [Node(lab) for _ in range(replicas + 1)]
        for node in self.nodes[1:]:
            node.follow(self.nodes[0])
        wait_until(lambda: all(node.is_linked() for node in self.nodes[1:]), 10, "the replicas follow")
        self.sentinels = [Sentinel(lab, self.nodes[0], sentinels // 2 + 1) for _ in range(sentinels)]
        wait_until(lambda: all(each.knows(replicas, sentinels - 1) for each in self.sentinels), 30, "the Sentinels know all")

    def section(self):
        """Further keys of [redis], instead of `address`."""
        listed = ", ".join(f'"127.0.0.1:{each.port}"' for each in self.sentinels)
        return f'sentinels = [{listed}]\nsentinel_master = "{NAME}"\n'

    def master(self):
        """The node that a majority of the Sentinels names, once it says itself that it is the master; else None."""
        named = [int(each.client().sentinel_get_master_addr_by_name(NAME)[1]) for each in self.sentinels]
        port = max(set(named), key=named.count)
        node = next(node for node in self.nodes if node.port == port)
        try:
            return node if named.count(port) > len(named) // 2 and node.role() == "master" else None
        except redis.RedisError:
            return None
