"""A Redis Cluster of three masters, each with a replica, on private ports."""
import redis
from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import RedisClusterException

from lab import wait_until
from redis_fleet import Node

SLOTS = 16384


class ClusterMember(Node):
    def __init__(self, lab):
        self.bus = lab.ports.take()
        super().__init__(lab, "--cluster-enabled", "yes", "--cluster-port", self.bus, "--cluster-node-timeout", "1500",
                         "--cluster-require-full-coverage", "no", "--cluster-allow-replica-migration", "no")

    def command(self, *words):
        return self.client().execute_command(*words)

    def id(self):
        found = self.command("CLUSTER MYID")
        return found.decode() if isinstance(found, bytes) else found

    def is_settled(self, members):
        info = self.command("CLUSTER INFO")
        return (info["cluster_state"], info["cluster_known_nodes"], info["cluster_slots_ok"]) == ("ok", str(members), str(SLOTS))


class Cluster:
    def __init__(self, lab):
        self.masters = [ClusterMember(lab) for _ in range(3)]
        self.replicas = [ClusterMember(lab) for _ in range(3)]
        self.members = self.masters + self.replicas
        for i, master in enumerate(self.masters):
            master.command("CLUSTER", "SET-CONFIG-EPOCH", i + 1)
            master.command("CLUSTER", "ADDSLOTSRANGE", SLOTS * i // 3, SLOTS * (i + 1) // 3 - 1)
        for member in self.members[1:]:
            self.members[0].command("CLUSTER", "MEET", "127.0.0.1", member.port, member.bus)
        wait_until(lambda: all(each.is_settled(6) for each in self.members), 30, "the nodes know each other")
        for master, replica in zip(self.masters, self.replicas):
            replica.command("CLUSTER", "REPLICATE", master.id())
        wait_until(lambda: all(each.is_linked() for each in self.replicas), 30, "the replicas follow")

    def section(self):
        listed = ", ".join(f'"127.0.0.1:{each.port}"' for each in self.masters)
        return f"addresses = [{listed}]\ncluster = true\n"

    def client(self):
        """Of the whole cluster, by the nodes that live; it cannot be made while those still speak of one that does not."""
        return wait_until(self.try_client, 30, "the cluster lets itself be read")

    def try_client(self):
        alive = [ClusterNode("127.0.0.1", each.port) for each in self.members if each.process.poll() is None]
        try:
            return RedisCluster(startup_nodes=alive, socket_timeout=5, require_full_coverage=False)
        except (redis.RedisError, RedisClusterException, AttributeError):  # the last one: redis-py trips over a dead node
            return None

    def slot_of(self, stream):
        return self.members[-1].command("CLUSTER KEYSLOT", stream)

    def owner_of(self, stream):
        """The living master that has the stream; None while there is none."""
        for member in self.members:
            if member.process.poll() is not None:
                continue
            try:
                member.client().xlen(stream)
                if member.role() == "master":
                    return member
            except redis.RedisError:
                continue
        return None
