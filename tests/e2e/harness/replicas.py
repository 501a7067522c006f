"""Gateways that share a PostgreSQL and are one to their clients.

    with Postgres() as server, replicas(tmp_path, server, backend) as (a, b, c):
        ...
"""

import contextlib
import time

from .auth_client import PASSWORD
from .gateway import Gateway
from .oracle import SETTINGS, Oracle
from .postgres import DATABASE, USER
from .server import HOST
from .traffic import VerifiedTraffic
from .waiting import wait_until

FEED_PROMISE = 1.0  # seconds until every replica has heard of an end, while its feed is connected
FEED_BOUND = 5.0  # the same of each single one, on a machine that other tests and builds share
FEED_BOUND_AFTER_TROUBLE = 10.0  # where the connection was lost just now five are promised (docs/SESSIONS.md, feed_bound)
RECOVERY = 20.0  # seconds until a replica is well again when its store is; ten are promised

# A second is what a store has by default, and five a login that waits for its hash; on a busy machine
# what is well takes longer now and then.
PATIENCE = {"deadlines": {"store": "3s"}, "passwords": {"deadline": "10s"}}

# Answers come within that; but other tests share the machine with this one, and hashing, which a
# registration begins with, gives way to all of them. Who waits for what is broken waits longer.
SLOWEST, SLOWEST_HASHING = 8.0, 14.0
CLIENTS = 8


@contextlib.contextmanager
def replicas(folder, postgres, upstream=None, ports=(None, None, None), sessions_at=None,
             redis_ports=None, **settings):
    """A gateway for each of `ports`, where it finds the server or what stands before it; None is
    the server's own. They have one worker, two, and so on. With a Redis in `sessions_at`
    their sessions are there, and `redis_ports` are to it what `ports` are to the server."""
    password_file = folder / "password"
    password_file.write_text(postgres.password)
    with contextlib.ExitStack() as stack:
        running = []
        for number, (port, redis_port) in enumerate(zip(ports, redis_ports or [None] * len(ports), strict=True), start=1):
            gateway = Gateway(folder / f"replica-{number}", upstream, **{
                "workers": number, "store": f"postgres://{USER}@{HOST}:{port or postgres.port}/{DATABASE}",
                "postgres": {"password_file": str(password_file)},
                "tokens": {"keys_file": str(folder / "keys.json")}, **PATIENCE, **SETTINGS,
                **(sessions_at.as_sessions(folder, redis_port) if sessions_at else {}), **settings})
            stack.callback(gateway.stop)
            running.append(gateway)
        yield running


class Ordeal:
    """Gateways at work while a test breaks what they stand on. Verified traffic must not notice."""

    def __init__(self, gateways, oracle, shift):
        self.gateways = gateways
        self.oracle = oracle
        self._shift = shift

    def wait_for_effects(self, count, timeout=60.0):
        self._shift.wait_for_effects(count, timeout)

    def wait_for_refusals(self, count=5):
        """Until each of the gateways has answered so many more calls with 503."""
        def refusals():
            return [gateway.metric("gatehouse_refusals_total", code="store_unavailable") for gateway in self.gateways]
        before = refusals()
        wait_until(lambda: self.oracle.surprises or min(now - then for now, then in zip(refusals(), before)) >= count,
                   "every gateway to refuse calls", timeout=30)


def wait_until_well(gateways):
    """Until each of them does again what needs the store, and hears the feed."""
    deadline = time.monotonic() + RECOVERY
    for number, gateway in enumerate(gateways):
        wait_until(lambda: is_well(gateway), f"replica {number + 1} to recover", deadline - time.monotonic())


def is_well(gateway):
    """`ada` is registered there."""
    status, told = gateway.admin("/readyz")
    login = gateway.auth().call("/login", {"username": "ada", "password": PASSWORD})
    return status == 200 and "degraded" not in told and login.status == 200


def assert_prompt(oracle):
    late = {call: took for call, took in oracle.slowest_of.items()
            if took > (SLOWEST_HASHING if call == "_register" else SLOWEST)}
    assert not late, f"answers took too long: {late}"


@contextlib.contextmanager
def surviving(gateways):
    """Clients register, refresh and sign out, and others send verified requests, while the block
    breaks something and mends it. Afterwards everything has to be well again by itself within 10
    seconds, no answer may have been late or lost, and an oracle judges what is there."""
    oracle = Oracle(CLIENTS)
    with VerifiedTraffic(gateways, gateways[0].auth().register("ada")), oracle.at_work(gateways) as shift:
        ordeal = Ordeal(gateways, oracle, shift)
        ordeal.wait_for_effects(100)
        assert oracle.unanswered == []
        yield ordeal
        wait_until_well(gateways)
        ordeal.wait_for_effects(100, RECOVERY)
    assert_prompt(oracle)
    assert len(oracle.refused) == len(oracle.unanswered), "a connection was cut"
    oracle.judge(gateways, FEED_BOUND)
