"""The Redis that holds the sessions of three gateways fails in every way a server can while people
register, refresh and sign out. Verified traffic does not notice; auth calls succeed or are refused
within a second; when it is well again, so are the gateways, by themselves; and nothing that was
acknowledged is lost, nothing that ended is back. It syncs what it was told before it answers."""

import contextlib
import itertools
import random

import pytest

from harness import wait_until
from harness.fault_proxy import FIN, RESET, TO_CLIENT, TO_SERVER, FaultProxy
from harness.oracle import REVOKED, Oracle
from harness.postgres import Postgres
from harness.redis import Redis
from harness.replicas import FEED_BOUND, RECOVERY, assert_prompt, replicas, surviving, wait_until_well
from harness.traffic import VerifiedTraffic

KILLS, KILLS_BETWEEN_JUDGEMENTS = 30, 10
CUTS = 40
SCRIPT = b"EVALSHA"  # what writes a session is one


@pytest.fixture(scope="module")
def postgres():
    """It is well all the time."""
    with Postgres() as running:
        yield running


@pytest.fixture
def tables(postgres):
    postgres.sql("DROP SCHEMA IF EXISTS gatehouse CASCADE")
    return postgres


@pytest.fixture
def redis():
    with Redis(append_only="always") as running:
        yield running


@pytest.fixture
def proxy(redis):
    with FaultProxy(redis.port) as running:
        yield running


@pytest.fixture
def gateways(tmp_path, tables, redis, backend):
    with replicas(tmp_path, tables, backend, sessions_at=redis) as running:
        yield running


@pytest.fixture
def distant_gateways(tmp_path, tables, redis, proxy, backend):
    """They reach Redis through the proxy."""
    with replicas(tmp_path, tables, backend, sessions_at=redis, redis_ports=[proxy.port] * 3) as running:
        yield running


def tell_degraded(gateways):
    """The sessions are away, and yet clients are welcome."""
    for gateway in gateways:
        wait_until(lambda: "degraded" in gateway.admin("/readyz")[1], "readiness to tell")
        assert gateway.admin("/readyz")[0] == 200


# ---- the server itself ------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_server_that_is_away_for_a_while(redis, gateways, end):
    with surviving(gateways) as ordeal:
        getattr(redis, end)()
        ordeal.wait_for_refusals()
        tell_degraded(gateways)
        redis.start()


def test_a_server_that_is_frozen_for_a_while(redis, gateways):
    with surviving(gateways) as ordeal:
        redis.freeze()
        ordeal.wait_for_refusals()
        tell_degraded(gateways)
        redis.thaw()


def test_a_server_that_is_restarted_again_and_again(redis, gateways):
    with surviving(gateways) as ordeal:
        for _ in range(5):
            redis.restart()
            ordeal.wait_for_effects(20)


def test_a_server_that_dies_again_and_again(redis, gateways):
    oracle = Oracle(clients=16)
    with VerifiedTraffic(gateways, gateways[0].auth().register("ada")):
        for _ in range(KILLS // KILLS_BETWEEN_JUDGEMENTS):
            with oracle.at_work(gateways) as shift:
                for _ in range(KILLS_BETWEEN_JUDGEMENTS):
                    shift.wait_for_effects(random.randint(1, 20))
                    redis.kill()
                    redis.start()
                wait_until_well(gateways)
            oracle.judge(gateways, FEED_BOUND)
    oracle.judge(gateways, sample=200)
    assert len(oracle.refused) == len(oracle.unanswered), "a connection was cut"
    assert_prompt(oracle)


def test_a_server_that_comes_back_empty(redis, gateways):
    """Accounts are kept, sessions are not: none that had ended is back, and all others have ended."""
    oracle = Oracle(clients=16)
    with oracle.at_work(gateways) as shift:
        shift.wait_for_effects(300)
    with VerifiedTraffic(gateways, gateways[0].auth().register("ada")):
        redis.lose_everything()
        wait_until_well(gateways)
    for account in (each for each in oracle.accounts if each.pairs):
        last = account.pairs[-1]
        refused = random.choice(gateways).auth().try_refresh(last.refresh)
        assert (refused.status, refused.error_code()) == (403, REVOKED), account.name
        if account.fate == REVOKED:
            told = {gateway.auth().call("/me", method="GET", fields=last.bearer).status for gateway in gateways}
            assert told == {401}, f"{account.name} is back"
        assert random.choice(gateways).auth().login(account.name).user_id == last.user_id
        account.fate = REVOKED
    with oracle.at_work(gateways) as shift:
        shift.wait_for_effects(100, RECOVERY)
    assert oracle.unanswered == []


# ---- the way to it ----------------------------------------------------------------------------


def test_a_network_that_swallows_everything(proxy, distant_gateways):
    with surviving(distant_gateways) as ordeal:
        proxy.blackhole()
        ordeal.wait_for_refusals()
        tell_degraded(distant_gateways)
        proxy.heal()


def test_a_network_that_swallows_every_answer(proxy, distant_gateways):
    with surviving(distant_gateways) as ordeal:
        proxy.blackhole(TO_CLIENT)
        ordeal.wait_for_refusals()
        proxy.heal()


def test_a_network_that_is_slow(proxy, distant_gateways):
    with surviving(distant_gateways) as ordeal:
        proxy.delay(0.02)
        ordeal.wait_for_effects(100)
        proxy.delay(1.0)
        ordeal.wait_for_refusals()
        proxy.heal()


@pytest.mark.parametrize("end", [RESET, FIN], ids=["reset", "closed"])
def test_all_connections_are_cut_again_and_again(proxy, distant_gateways, end):
    with surviving(distant_gateways) as ordeal:
        for _ in range(20):
            proxy.cut(end)
            ordeal.wait_for_effects(5)


def test_nobody_lets_connections_in(proxy, distant_gateways):
    with surviving(distant_gateways) as ordeal:
        proxy.refuse()
        proxy.cut()
        ordeal.wait_for_refusals()
        proxy.heal()


def test_connections_are_cut_in_the_middle_of_commands(proxy, distant_gateways):
    with surviving(distant_gateways) as ordeal:
        for end in itertools.islice(itertools.cycle([RESET, FIN]), CUTS):
            way = random.choice([TO_SERVER, TO_CLIENT])
            proxy.cut_after(random.randint(1, 2000), way, end).wait()
            ordeal.wait_for_effects(2)


@pytest.mark.parametrize("trap", ["cut_at", "cut_answer_to"], ids=["just before", "just after"])
def test_connections_are_cut_around_the_script(proxy, distant_gateways, trap):
    """It ran, or it did not: the gateway cannot know, and says neither."""
    with surviving(distant_gateways) as ordeal:
        for end in itertools.islice(itertools.cycle([RESET, FIN]), CUTS):
            getattr(proxy, trap)(SCRIPT, end).wait()
            ordeal.wait_for_effects(2)
        assert ordeal.oracle.refused, "whoever was cut off got an answer all the same"


# ---- the feed alone ---------------------------------------------------------------------------


@contextlib.contextmanager
def deaf(proxy):
    """Whoever asks to be told of news is cut off, again and again; other calls pass."""
    traps = [proxy.cut_at(b"SUBSCRIBE") for _ in range(30)]
    proxy.cut()
    try:
        yield
    finally:
        assert any(trap.sprung.is_set() for trap in traps)
        proxy.heal()


def test_a_feed_that_is_cut(proxy, distant_gateways):
    """Logouts go on, and arrive when the feed is heard again."""
    a, b, c = distant_gateways
    pairs = [a.auth().register(name) for name in ("bob", "eve")]
    with surviving(distant_gateways) as ordeal:
        with deaf(proxy):
            ordeal.wait_for_effects(100)
            a.auth().logout(pairs[0])
        for gateway in (b, c):
            wait_until(lambda: gateway.ask("GET", "/items", pairs[0].bearer).status == 401, "the logout to arrive", RECOVERY)
        assert c.auth().me(pairs[1])["username"] == "eve"
