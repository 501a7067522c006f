"""This build, with everything at its default but what a peer is named for."""

import secrets
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager

from accounts import people_in, registered_people
from paths import BINARY, E2E, GENERATOR
from stores import STORES
from tokens import ENVIRONMENT

from .base import Peer, server_certificate

sys.path.insert(0, str(E2E))
from harness.auth_client import PASSWORD  # noqa: E402
from harness.gateway import CHEAP_PASSWORDS, Gateway  # noqa: E402
from harness.ports import free_port  # noqa: E402
from harness.process import Process  # noqa: E402
from harness.waiting import wait_until  # noqa: E402

ENDED = 1_000_000
ROUTES = 10_000
REAL_PASSWORDS = dict.fromkeys(CHEAP_PASSWORDS)  # the gateway's defaults and not the tests'


class Gatehouse(Peer):
    """One worker; access log and metrics on, as always."""

    algorithm = "HS256"
    workers = 1
    store_kind = None  # where it does not matter, what the run is asked for

    @classmethod
    def of(cls, algorithm):
        return type(f"Gatehouse{algorithm}", (cls,), {"algorithm": algorithm})

    def start(self):
        self.store = STORES[self.store_kind or self.place.store](self.folder, self.place.cores)
        try:
            self._start_gateway()
            if self.place.accounts:
                self._bring_people()
            self.prepare()
        except BaseException:
            self.store.close()
            raise

    def _start_gateway(self):
        upstream = f"http://127.0.0.1:{self.place.backend_port}"
        keys = {} if self.algorithm == "HS256" else {"keys_file": str(self.tokens.keys_file)}
        self.gateway = Gateway(
            self.folder, upstream, workers=self.workers, binary=BINARY, environment=ENVIRONMENT,
            command_prefix=self.pinned, sink=open(self.folder / "output.log", "ab"), ready_within=60,
            tokens={"algorithm": self.algorithm, "access_ttl": "24h", **keys},
            **{"passwords": REAL_PASSWORDS, **self.store.settings, **self.settings(upstream)})
        self.process, self.port = self.gateway.process, self.gateway.port

    def _bring_people(self):
        count = self.place.accounts
        if not self.store.can_be_filled:
            self.accounts = registered_people(self.folder, self.gateway, count)
            return
        self.gateway.auth().register("founder")

        def fill():
            self.accounts = people_in(self.folder, self.store, self.tokens, count)
        self.restart(fill)

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

    @property
    def store_pids(self):
        return self.store.pids

    def commits(self):
        return self.store.commits()

    def stop(self):
        try:
            self.gateway.stop()
        finally:
            self.store.close()


class SecondWorker(Gatehouse):
    """Two workers on two cores."""

    workers = 2
    cores_wanted = 2


class OverTls(Gatehouse):
    """Its clients come over TLS."""

    speaks_tls = True

    def settings(self, upstream):
        certificate, key = server_certificate(self.folder)
        self.tls_port = free_port()
        return {"listen": [{"address": f"127.0.0.1:{self.tls_port}",
                            "tls": {"certificate": str(certificate), "key": str(key)}}]}

    def prepare(self):
        self.port = self.tls_port


class Unconfined(Gatehouse):
    """No filter is asked about its system calls."""

    def settings(self, upstream):
        return {"sandbox": "off"}


class TenThousandRoutes(Gatehouse):
    """The request's route is one of ten thousand."""

    def settings(self, upstream):
        others = [{"match": f"/service-{number}/items/*", "to": upstream} for number in range(ROUTES - 1)]
        return {"routes": [*others, {"match": "/**", "to": upstream}]}


class MillionEnded(Gatehouse):
    """A million sessions were logged out within the life of an access token."""

    store_kind = "sqlite"

    def prepare(self):
        self.restart(self._end_sessions)

    def _end_sessions(self):
        now = int(time.time())
        rows = ((secrets.token_urlsafe(16), "nobody", 1, now, now + 86400, now, now * 1000, 0, "", "", now * 1000)
                for _ in range(ENDED))
        store = sqlite3.connect(self.store.path)
        with store:
            store.executemany(
                "INSERT INTO sessions (id, user_id, generation, issued_at, expires_at, login_at, used_ms, delivery, "
                "address, user_agent, ended_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        store.close()


class LoginStorm(Gatehouse):
    """While it is measured, more people log in than it can hash passwords for: its one hash thread is busy,
    the queue is full, and whoever comes then is turned away."""

    storm = {"--connections": 64, "--rate": 200}  # one core hashes some 40 passwords a second

    def settings(self, upstream):
        return {"passwords": {**REAL_PASSWORDS, "queue": 16}}  # soon full, and soon empty again

    def prepare(self):
        self.gateway.auth().register("somebody")
        body = f'{{"username":"somebody","password":"{PASSWORD}"}}'
        self.login = self.folder / "login"
        self.login.write_text("POST /auth/login HTTP/1.1\r\nHost: api.example.test\r\n"
                              f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}")

    @contextmanager
    def measured(self):
        turned_away = self._turned_away()
        options = {"--port": self.port, "--request": self.login, "--expect": "HTTP/1.1 200", "--measure-ms": 60_000,
                   **self.storm}
        words = [word for option in options.items() for word in option]
        cores = self.place.cores
        storm = Process(cores.pinned(cores.spare, [GENERATOR, *words]), "login storm", sink=subprocess.DEVNULL)
        try:
            wait_until(lambda: self._turned_away() > turned_away, "the hash pool to be full")
            yield
        finally:
            storm.stop()
            wait_until(self._logs_in, "the hash pool to be empty")

    def _turned_away(self):
        return self.gateway.metric("gatehouse_refusals_total", code="overloaded")

    def _logs_in(self):
        return self.gateway.auth().call("/login", {"username": "somebody", "password": PASSWORD}).status == 200
