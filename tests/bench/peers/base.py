"""What every peer has in common."""

import os
import socket
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from paths import E2E

sys.path.insert(0, str(E2E))
from harness.certificates import Authority  # noqa: E402
from harness.ports import free_port  # noqa: E402
from harness.process import Process  # noqa: E402
from harness.waiting import wait_until  # noqa: E402


@dataclass(frozen=True)
class Place:
    """Where a peer is to run and what it stands in front of."""
    folder: Path
    cores: object
    backend_port: int
    tokens: Callable  # algorithm -> TokenSet
    accounts: int = 0  # people in the store of a peer that has one
    store: str = "sqlite"  # its kind


def descendants(pid):
    """The process and everything it started."""
    found = [pid]
    for parent in found:
        with open(f"/proc/{parent}/task/{parent}/children") as children:
            found += [int(child) for child in children.read().split()]
    return found


def server_certificate(folder):
    """A certificate (ECDSA, P-256) and its key."""
    place = folder / "certificates"
    place.mkdir(exist_ok=True)
    return Authority(place).issue("server", "DNS:api.example.test,IP:127.0.0.1")


class Peer:
    """A running proxy: `port`, `pids` whose processor time counts, and `tokens` when it checks them."""

    algorithm = None
    cores_wanted = 1
    speaks_tls = False
    store_pids = ()  # of its store's server

    def __init__(self, name, place):
        self.name = name
        self.place = place
        self.folder = place.folder / name.replace(" ", "-").replace(",", "")
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.tokens = place.tokens(self.algorithm) if self.algorithm else None
        self.start()

    def start(self):
        raise NotImplementedError

    @property
    def pinned(self):
        """The command that keeps what follows it on this peer's cores."""
        return ["taskset", "-c", self.place.cores.proxies(self.cores_wanted)]

    def run(self, *command, **environment):
        log = open(self.folder / "output.log", "wb")
        self.process = Process([*self.pinned, *command], self.name, sink=log, env={**os.environ, **environment})
        wait_until(self._listens, f"{self.name} to listen")

    def _listens(self):
        assert self.process.running(), f"{self.name}: {(self.folder / 'output.log').read_text()}"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def pids(self):
        return descendants(self.process.pid)

    def measured(self):
        """Entered before a slice and left after it."""
        return nullcontext()

    def anonymous_bytes(self):
        """User memory that cannot be dropped: RssAnon of all its processes."""
        total = 0
        for pid in self.pids:
            with open(f"/proc/{pid}/status") as status:
                total += next(int(line.split()[1]) * 1024 for line in status if line.startswith("RssAnon"))
        return total

    def stop(self):
        self.process.stop()
