"""Gateways on one PostgreSQL or Redis count the requests of a shared rate together, and no request waits for it."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import wait_until
from harness.postgres import Postgres
from harness.redis import Redis
from harness.replicas import replicas

SECONDS = 4
SLOW = {"by": "address", "requests": 6, "per": "10m", "burst": 6, "shared": True}


@pytest.fixture
def server():
    with Postgres() as running:
        yield running


@pytest.fixture(params=["postgres", "redis"])
def redis(request):
    if request.param == "postgres":
        yield None
        return
    with Redis() as running:
        yield running


@pytest.fixture
def two(tmp_path, server, redis, backend):
    """Two gateways with one rate, in a with statement."""
    def start(rate, **settings):
        routes = [{"match": "/**", "auth": "none", "to": backend.url, "rate": [rate]}]
        return replicas(tmp_path, server, backend, ports=(None, None), sessions_at=redis,
                        redis_ports=(None, None), routes=routes, **settings)
    return start


def asked(gateway, times):
    with gateway.connect() as client:
        return [client.exchange("GET", "/a").status for _ in range(times)]


def passed_within(gateway, seconds):
    """How many requests it lets through when they come without a pause."""
    passed, began = 0, time.monotonic()
    with gateway.connect() as client:
        while time.monotonic() - began < seconds:
            passed += client.exchange("GET", "/a").status == 200
    return passed


def some_exchanges():
    began = time.monotonic()
    wait_until(lambda: time.monotonic() - began > 3.0, "three seconds, fifteen exchanges where there is time for them")


def test_what_one_has_counted_the_other_knows_a_moment_later(two):
    with two(SLOW) as (a, b):
        assert asked(a, 8) == [200] * 6 + [429] * 2
        some_exchanges()
        assert asked(b, 1) == [200], "who has never seen this client has heard nothing of it"
        some_exchanges()
        assert asked(b, 3) == [429] * 3
        assert asked(a, 3) == [429] * 3


def test_over_time_the_rate_is_that_of_one_gateway(two):
    """Forty a second, ten at once. Each may let a burst through before it hears of the other, and what it does in
    the quarter of a second until then, or in a whole one on a busy machine: that is the error, and no time adds to it."""
    with two({"by": "address", "requests": 40, "per": "1s", "burst": 10, "shared": True}) as (a, b):
        with ThreadPoolExecutor(2) as crowd:
            passed = sum(crowd.map(passed_within, (a, b), itertools.repeat(SECONDS)))
        alone = 10 + 40 * SECONDS
        error = 10 + 40 * 1.5
        assert 0.7 * alone <= passed <= alone + error, f"{passed} passed, and {alone} may at one gateway"


def test_without_the_store_each_goes_on_by_itself(two, server, redis):
    store = redis or server
    with two(SLOW) as (a, b):
        store.freeze()
        try:
            began = time.monotonic()
            assert asked(a, 8) == [200] * 6 + [429] * 2
            assert asked(b, 8) == [200] * 6 + [429] * 2
            assert time.monotonic() - began < 6, "no request waits for the store: sixteen of them"
            wait_until(lambda: a.metric("gatehouse_rate_exchange_failures_total") > 0, "an exchange to fail", 20)
        finally:
            store.thaw()
