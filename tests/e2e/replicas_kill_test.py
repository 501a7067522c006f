"""`kill -9` of random replicas under load: the others serve on, and nothing that was acknowledged, at
whichever of them, is lost or comes back. GATEHOUSE_KILL_SECONDS makes it last longer."""

import contextlib
import os
import random
import signal
import time

import pytest

from harness.oracle import Oracle
from harness.postgres import Postgres
from harness.redis import Redis
from harness.replicas import FEED_BOUND, replicas
from harness.traffic import VerifiedTraffic

SECONDS = float(os.environ.get("GATEHOUSE_KILL_SECONDS", "25"))  # for each kind of store
CLIENTS = 24
KILLS_BETWEEN_JUDGEMENTS = 8
MOST_EFFECTS = 60  # acknowledged between two kills: 1 .. so many


@pytest.fixture(params=["all in PostgreSQL", "sessions in Redis"])
def gateways(request, tmp_path, backend):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Postgres())
        redis = stack.enter_context(Redis()) if request.param == "sessions in Redis" else None
        yield stack.enter_context(replicas(tmp_path, server, backend, sessions_at=redis))


def test_replicas_die_and_nothing_acknowledged_is_lost(gateways, record_property):
    pair = gateways[0].auth().register("ada")
    oracle, kills, deadline = Oracle(CLIENTS), 0, time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with oracle.at_work(gateways) as shift:
            for _ in range(KILLS_BETWEEN_JUDGEMENTS):
                victim = random.choice(gateways)
                others = [gateway for gateway in gateways if gateway is not victim]
                with VerifiedTraffic(others, pair):
                    shift.wait_for_effects(random.randint(1, MOST_EFFECTS))
                    victim.signal(signal.SIGKILL)
                    victim.process.wait()
                    victim.start()
                kills += 1
        oracle.judge(gateways, FEED_BOUND)
    oracle.judge(gateways, FEED_BOUND, sample=300)
    assert oracle.refused == [], "the store was well all the time"
    record_property("figure", f"{kills} replicas killed, {oracle.acknowledged} effects acknowledged, none lost")
