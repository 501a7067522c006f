"""This build, with everything at its default but what a peer is named for."""

import secrets
import sqlite3
import sys
import time

from paths import BINARY, E2E
from tokens import ENVIRONMENT

from .base import Peer

sys.path.insert(0, str(E2E))
from harness.gateway import Gateway  # noqa: E402

ENDED = 1_000_000
ROUTES = 10_000


class Gatehouse(Peer):
    """One worker; access log and metrics on, as always."""

    algorithm = "HS256"
    workers = 1

    @classmethod
    def of(cls, algorithm):
        return type(f"Gatehouse{algorithm}", (cls,), {"algorithm": algorithm})

    def start(self):
        upstream = f"http://127.0.0.1:{self.place.backend_port}"
        keys = {} if self.algorithm == "HS256" else {"keys_file": str(self.tokens.keys_file)}
        self.gateway = Gateway(
            self.folder, upstream, workers=self.workers, binary=BINARY, environment=ENVIRONMENT,
            command_prefix=self.pinned, sink=open(self.folder / "output.log", "ab"), ready_within=60,
            tokens={"algorithm": self.algorithm, "access_ttl": "24h", **keys}, **self.settings(upstream))
        self.process, self.port = self.gateway.process, self.gateway.port
        self.prepare()

    def settings(self, upstream):
        return {}

    def prepare(self):
        """More to do before it is measured."""

    def restart(self, change):
        """Stops it, lets `change` do something to its files, and starts it again."""
        self.gateway.stop()
        change()
        self.gateway.start()
        self.process = self.gateway.process

    def stop(self):
        self.gateway.stop()


class SecondWorker(Gatehouse):
    """Two workers on two cores."""

    workers = 2
    cores_wanted = 2


class TenThousandRoutes(Gatehouse):
    """The request's route is one of ten thousand."""

    def settings(self, upstream):
        others = [{"match": f"/service-{number}/items/*", "to": upstream} for number in range(ROUTES - 1)]
        return {"routes": [*others, {"match": "/**", "to": upstream}]}


class MillionEnded(Gatehouse):
    """A million sessions were logged out within the life of an access token."""

    def prepare(self):
        self.restart(self._end_sessions)

    def _end_sessions(self):
        now = int(time.time())
        rows = ((secrets.token_urlsafe(16), "nobody", 1, now, now + 86400, now, now * 1000, 0, "", "", now * 1000)
                for _ in range(ENDED))
        store = sqlite3.connect(self.folder / "gatehouse.db")
        with store:
            store.executemany(
                "INSERT INTO sessions (id, user_id, generation, issued_at, expires_at, login_at, used_ms, delivery, "
                "address, user_agent, ended_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        store.close()
