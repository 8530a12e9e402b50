"""Between a daemon and PostgreSQL: now and then the answer to a COMMIT is lost, and the connection with it."""
import asyncio
import pathlib
import random
import shutil
import tempfile
import threading

SOCKET = ".s.PGSQL.5432"


class DoubtProxy:
    def __init__(self, cluster_folder, share, seed):
        """Loses the answer to that share of all commits."""
        self.target = str(pathlib.Path(cluster_folder) / SOCKET)
        self.folder = tempfile.mkdtemp(prefix="signwatch-lab-doubt-")
        self.share = share
        self.dice = random.Random(seed)
        self.commits = self.lost = 0
        self.loop = asyncio.new_event_loop()
        ready = threading.Event()
        self.thread = threading.Thread(target=self.run, args=(ready,), daemon=True)
        self.thread.start()
        ready.wait(10)

    def run(self, ready):
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(asyncio.start_unix_server(self.serve, str(pathlib.Path(self.folder) / SOCKET)))
        self.loop.call_soon(ready.set)
        self.loop.run_forever()
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        shutil.rmtree(self.folder, ignore_errors=True)

    def close(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)

    async def serve(self, client, to_client):
        try:
            server, to_server = await asyncio.open_unix_connection(self.target)
        except OSError:
            to_client.close()
            return
        doubted = False

        async def forward():
            nonlocal doubted
            while data := await client.read(65536):
                if b"COMMIT" in data:
                    self.commits += 1
                    doubted = self.dice.random() < self.share
                to_server.write(data)
                await to_server.drain()

        async def answer():
            while data := await server.read(65536):
                if doubted:
                    self.lost += 1  # it has happened, and nobody is told
                    return
                to_client.write(data)
                await to_client.drain()

        ways = [asyncio.ensure_future(forward()), asyncio.ensure_future(answer())]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for writer in (to_client, to_server):
            writer.close()
