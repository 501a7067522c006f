"""The stores a gateway can be measured with, and how people get into them."""

import json
import struct
import subprocess
import sys
from contextlib import contextmanager

from paths import E2E, STORE

sys.path.insert(0, str(E2E))
from harness.postgres import USER, Postgres  # noqa: E402
from harness.redis import Redis  # noqa: E402
from harness.server import children_of  # noqa: E402


class Store:
    """`settings` are what a gateway's configuration says about it, `spec` what programs are told;
    `pids` are the processes of its server, if it has one."""

    settings = {}
    pids = ()
    can_be_filled = True

    def __init__(self, folder, cores=None):
        self.folder = folder

    def fill(self, *words):
        """Registers people, as bench_store's --help says, while no gateway runs; what that says of it."""
        done = subprocess.run([str(word) for word in (STORE, self.spec, *words)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def commits(self):
        """How many transactions that wrote it has seen; good for differences."""
        return None

    def close(self):
        """Ends its server."""


class Sqlite(Store):
    name = "sqlite"

    def __init__(self, folder, cores=None):
        super().__init__(folder)
        self.path = folder / "gatehouse.db"
        self.spec = f"sqlite:{self.path}"

    def commits(self):
        return commits_of(self.path)


class Memory(Store):
    """It is gone with its gateway, and so are those who were registered there."""

    name = "memory"
    spec = "memory"
    settings = {"store": "memory"}
    can_be_filled = False


# More than the tests' servers get, and still little.
ROOMY = {"shared_buffers": "256MB", "max_wal_size": "2GB", "max_connections": "500"}


class PostgreSQL(Store):
    """A server of its own, on the cores that the gateway leaves, and as durable as it must be."""

    name = "postgres"

    def __init__(self, folder, cores=None, **settings):
        super().__init__(folder)
        self.server = PinnedPostgres(cores.company if cores else None, **ROOMY, **settings)
        self.spec = self.server.url()
        password = folder / "postgres-password"
        password.write_text(self.server.password)
        self.settings = {"store": self.server.store(), "postgres": {"password_file": str(password)}}

    @property
    def pids(self):
        return [self.server.process.pid, *children_of(self.server.process.pid)]

    def fill(self, *words):
        with self._in_a_hurry():
            return super().fill(*words)

    @contextmanager
    def _in_a_hurry(self):
        """What is written meanwhile may be lost, which is nobody's loss yet."""
        self.server.sql(f"ALTER ROLE {USER} SET synchronous_commit = off")
        yield
        self.server.sql(f"ALTER ROLE {USER} RESET synchronous_commit")

    def commits(self):
        (number,), = self.server.sql("SELECT pg_snapshot_xmax(pg_current_snapshot())")
        return int(number)

    def close(self):
        self.server.close()


class SessionsInRedis(PostgreSQL):
    """Accounts in PostgreSQL, sessions in a Redis beside it that syncs every write, too."""

    name = "redis"

    def __init__(self, folder, cores=None):
        super().__init__(folder, cores)
        try:
            self.redis = PinnedRedis(cores.company if cores else None, password=False)
        except BaseException:
            super().close()
            raise
        self.settings = {**self.settings, "sessions": {"store": self.redis.url()}}

    @property
    def pids(self):
        return [*super().pids, self.redis.process.pid]

    def fill(self, *words):
        self.redis.call("CONFIG", "SET", "appendfsync", "no")
        told = super().fill("--sessions", self.redis.url(), *words)
        self.redis.call("CONFIG", "SET", "appendfsync", "always")
        return told

    def close(self):
        try:
            self.redis.close()
        finally:
            super().close()


class Pinned:
    """A server on these cores and no others, where they are told."""

    def __init__(self, cores, **settings):
        self._cores = cores
        super().__init__(**settings)

    def command(self):
        return [*(["taskset", "-c", self._cores] if self._cores else []), *super().command()]


class PinnedPostgres(Pinned, Postgres):
    pass


class PinnedRedis(Pinned, Redis):
    pass


STORES = {store.name: store for store in (Memory, Sqlite, PostgreSQL, SessionsInRedis)}


def commits_of(path):
    """Transactions of an SQLite store that is in use, as the head of the WAL index counts them: iChange of
    https://sqlite.org/walformat.html."""
    with open(f"{path}-shm", "rb") as index:
        return struct.unpack("=8xI", index.read(12))[0]
