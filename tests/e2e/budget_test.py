"""An upstream with a quota is never asked more than it allows, whoever asks."""

import collections
import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import RawBackend, wait_until
from harness.postgres import Postgres
from harness.redis import Redis
from harness.replicas import replicas


class Service:
    """Counts when it was asked for what."""

    def __init__(self, fields=()):
        self.fields, self.lock = dict(fields), threading.Lock()
        self.times, self.targets = [], collections.Counter()
        self.backend = RawBackend(self._serve)
        self.url = self.backend.url

    def _serve(self, exchange):
        while True:
            request = exchange.read_request()
            with self.lock:
                self.times.append(time.monotonic())
                self.targets[request.target] += 1
            exchange.respond(b"good", fields=self.fields)

    def kept_to(self, requests, seconds):
        """Whether in no stretch of time there were more than so many in each of these seconds. A busy machine lets this
        service see a request up to half of them too late."""
        times = sorted(self.times)
        return all(last - first + 1 <= requests * (math.floor((times[last] - at) / seconds + 0.5) + 1)
                   for first, at in enumerate(times) for last in range(first, len(times)))


@pytest.fixture
def service():
    running = Service()
    yield running
    running.backend.stop()


def settings(service, budget, **more):
    return {"upstreams": {"api": {"endpoints": [service.url], "budget": budget, **more}},
            "routes": [{"match": "/**", "auth": "none", "to": "api"}]}


def storm(gateways, seconds):
    """What many clients get that ask without a pause."""
    over = time.monotonic() + seconds

    def ask(gateway):
        seen = collections.Counter()
        with gateway.connect() as client:
            while time.monotonic() < over:
                seen[client.exchange("GET", "/a").status] += 1
        return seen

    with ThreadPoolExecutor(8) as crowd:
        return sum(crowd.map(ask, [gateways[i % len(gateways)] for i in range(8)]), collections.Counter())


def test_a_quota_is_never_exceeded(start_gateway, service):
    gateway = start_gateway(**settings(service, {"requests": 40, "per": "1s"},
                                       health={"path": "/up", "interval": "200ms", "timeout": "200ms"}))
    seen = collections.Counter()

    def all_is_used():  # but by a machine that stops meanwhile
        before = sum(service.targets.values())
        seen.update(storm([gateway], 4))
        return sum(service.targets.values()) - before > 4 * 40 * 0.7
    wait_until(all_is_used, "a storm that uses what there is")
    assert set(seen) == {200, 503}
    assert service.targets["/up"] > 0, "checks take part"
    assert service.kept_to(40, 1.0)
    gateway.wait_for_metric(seen[503], "gatehouse_upstream_budget_refusals_total", upstream="api")


def test_whoever_may_wait_gets_an_answer(start_gateway, service):
    gateway = start_gateway(**settings(service, {"requests": 20, "per": "500ms", "wait": "20s"}))
    seen = storm([gateway], 2)
    assert set(seen) == {200}
    assert service.kept_to(20, 0.5)
    wait_until(lambda: gateway.metric("gatehouse_upstream_budget_waits_total", upstream="api") > 0, "those who waited to count")


def test_an_upstream_that_says_when_to_come_back_is_left_alone(start_gateway, service):
    service.fields = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "300"}
    gateway = start_gateway(**settings(service, {}))
    assert gateway.ask("GET", "/a").status == 200
    refused = gateway.ask("GET", "/a")
    assert (refused.status, refused.error_code()) == (503, "overloaded")
    assert 290 <= int(refused["Retry-After"]) <= 300
    assert len(service.times) == 1


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


def test_gateways_of_one_store_keep_to_it_together(tmp_path, server, redis, service):
    told = settings(service, {"requests": 40, "per": "1s", "shared": True})
    with replicas(tmp_path, server, service.backend, ports=(None, None), sessions_at=redis,
                  redis_ports=(None, None), **told) as pair:
        seen = storm(list(pair), 5)
    assert set(seen) == {200, 503}
    assert service.kept_to(40, 1.0)
    assert len(service.times) > 5 * 40 * 0.4


def test_nothing_is_sent_while_the_store_cannot_be_asked(tmp_path, server, service):
    told = settings(service, {"requests": 1000, "per": "1s", "shared": True})
    with replicas(tmp_path, server, service.backend, ports=(None, None), **told) as (a, _):
        assert a.ask("GET", "/a").status == 200
        server.freeze()
        try:
            wait_until(lambda: a.ask("GET", "/a").status == 503, "the portion is used up")
            before = len(service.times)
            assert [a.ask("GET", "/a").status for _ in range(3)] == [503] * 3
            assert len(service.times) == before
        finally:
            server.thaw()
        wait_until(lambda: a.ask("GET", "/a").status == 200, "the store answers again")
