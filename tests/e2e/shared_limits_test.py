"""Three gateways on one PostgreSQL, also with sessions in Redis: what all of them together let through is the limit of
one."""

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.auth_client import PASSWORD
from harness.postgres import Postgres
from harness.redis import Redis
from harness.replicas import replicas

# Longer than any test: nothing is admitted again meanwhile.
SLOW = {"pair_first_wait": "1h", "pair_longest_wait": "1h"}
OFF = {"pair_free": 0, "account_per_hour": 0, "address_per_10_minutes": 0, "registrations_per_minute": 0}


@pytest.fixture
def server():
    with Postgres() as running:
        yield running


class InPostgres:
    """Counts are in the tables."""
    settings = {}

    def __init__(self, server):
        self.server = server

    def count(self):
        return int(self.server.sql("SELECT count(*) FROM gatehouse.throttle")[0][0])

    def hide(self):
        self.server.sql("ALTER TABLE gatehouse.throttle RENAME TO hidden")

    def unhide(self):
        self.server.sql("ALTER TABLE gatehouse.hidden RENAME TO throttle")


class InRedis:
    """Counts are where the sessions are."""

    def __init__(self, redis, folder):
        self.redis = redis
        self.settings = redis.as_sessions(folder)

    def keys(self, pattern="gatehouse:throttle:*"):
        return self.redis.call("KEYS", pattern)

    def count(self):
        return len(self.keys())

    def hide(self):
        """Lists stand where texts should be."""
        self.hidden = {key: self.redis.call("GET", key) for key in self.keys()}
        for key in self.hidden:
            self.redis.call("DEL", key)
            self.redis.call("RPUSH", key, "1")

    def unhide(self):
        for key, text in self.hidden.items():
            self.redis.call("SET", key, text)


@pytest.fixture(params=["postgres", "redis"])
def counts(request, tmp_path, server):
    if request.param == "postgres":
        yield InPostgres(server)
        return
    with Redis() as redis:
        yield InRedis(redis, tmp_path)


@pytest.fixture
def start(tmp_path, server, backend, counts):
    """Three gateways with these limits, in a with statement."""
    def start_with(**throttle):
        return replicas(tmp_path, server, backend, throttle={**OFF, **throttle}, **counts.settings)
    return start_with


def log_in(gateway, name, password="wrong password"):
    answer = gateway.auth().call("/login", {"username": name, "password": password})
    return answer.status if answer.status == 200 else answer.error_code()


def together(count, work):
    """What so many calls of work(number) answer, twelve of them at a time."""
    with ThreadPoolExecutor(12) as pool:
        return Counter(pool.map(work, range(count)))


def test_guesses_at_an_account_are_added_up(start):  # R53
    with start(pair_free=5, **SLOW) as gateways:
        gateways[0].auth().register("ada")
        gateways[1].auth().register("bob")
        for name in ("ada", "nobody"):
            answers = together(36, lambda number, name=name: log_in(gateways[number % 3], name))
            assert answers == {"invalid_credentials": 5, "too_many_attempts": 31}
        assert [log_in(gateway, "ada", PASSWORD) for gateway in gateways] == ["too_many_attempts"] * 3
        assert [log_in(gateway, "bob", PASSWORD) for gateway in gateways] == [200] * 3


def test_guesses_from_an_address_are_added_up(start):  # R53
    with start(address_per_10_minutes=20) as gateways:
        answers = together(60, lambda number: log_in(gateways[number % 3], f"user{number}"))
        assert answers == {"invalid_credentials": 20, "too_many_attempts": 40}


def test_registrations_are_added_up(start):
    with start(registrations_per_minute=1, registration_burst=6) as gateways:
        def register(number):
            return gateways[number % 3].auth().call("/register", {"username": f"user{number}", "password": PASSWORD}).status
        assert together(18, register) == {201: 6, 429: 12}


def test_right_passwords_use_nothing_up(start, counts):
    with start(pair_free=5, account_per_hour=8, address_per_10_minutes=8, **SLOW) as gateways:
        gateways[0].auth().register("ada")
        for gateway in itertools.islice(itertools.cycle(gateways), 30):
            assert log_in(gateway, "ada", PASSWORD) == 200
        assert counts.count() == 0


def test_what_a_killed_gateway_had_counted_still_counts(start, counts):
    with start(account_per_hour=4) as gateways:
        gateways[0].auth().register("ada")
        assert [log_in(gateways[0], "ada") for _ in range(3)] == ["invalid_credentials"] * 3
        assert counts.count() == 1
        gateways[0].kill()
        gateways[0].start()
        assert [log_in(gateway, "ada") for gateway in gateways] == ["invalid_credentials"] + ["too_many_attempts"] * 2


def test_each_counts_alone_where_told_so(start):
    with start(pair_free=5, kept="memory", **SLOW) as gateways:
        answers = together(36, lambda number: log_in(gateways[number % 3], "ada"))
        assert answers == {"invalid_credentials": 15, "too_many_attempts": 21}
        warned = gateways[0].command("check")
        assert "throttle.kept: every gateway counts by itself" in warned.stderr


def test_nobody_guesses_while_the_counts_are_away(start, counts):  # R63
    with start(pair_free=5, **SLOW) as gateways:
        gateways[0].auth().register("ada")
        assert [log_in(gateways[0], "ada") for _ in range(3)] == ["invalid_credentials"] * 3
        # Everything else is there: only what counts is out of reach.
        counts.hide()
        answers = together(12, lambda number: log_in(gateways[number % 3], "ada", PASSWORD))
        assert answers == {"store_unavailable": 12}
        counts.unhide()
        answers = together(12, lambda number: log_in(gateways[number % 3], "ada"))
        assert answers == {"invalid_credentials": 2, "too_many_attempts": 10}
