"""The PostgreSQL under three gateways fails in every way a server can while people register, refresh
and sign out. Verified traffic does not notice; auth calls succeed or are refused within a second;
when the server is well again, so are the gateways, by themselves; and nothing that was acknowledged
is lost, nothing that ended is back."""

import contextlib
import itertools
import random

import pytest

from harness import wait_until
from harness.fault_proxy import FIN, RESET, TO_CLIENT, TO_SERVER, FaultProxy
from harness.oracle import Oracle
from harness.postgres import Postgres
from harness.replicas import FEED_BOUND_AFTER_TROUBLE, assert_prompt, replicas, surviving, wait_until_well
from harness.traffic import VerifiedTraffic

KILLS, SERVERS, KILLS_BETWEEN_JUDGEMENTS = 100, 5, 5  # a share of the kills for each server
CUTS = 60
COMMIT = b"COMMIT\0"  # not READ COMMITTED


@pytest.fixture
def server():
    with Postgres() as running:
        yield running


@pytest.fixture
def proxy(server):
    with FaultProxy(server.port) as running:
        yield running


@pytest.fixture
def gateways(tmp_path, server, backend):
    with replicas(tmp_path, server, backend) as running:
        yield running


@pytest.fixture
def distant_gateways(tmp_path, server, proxy, backend):
    """They reach the server through the proxy."""
    with replicas(tmp_path, server, backend, ports=[proxy.port] * 3) as running:
        yield running


def tell_degraded(gateways):
    """The store is away, and yet clients are welcome."""
    for gateway in gateways:
        wait_until(lambda: "degraded" in gateway.admin("/readyz")[1], "readiness to tell")
        assert gateway.admin("/readyz")[0] == 200
        gateway.wait_for_metric(0, "gatehouse_store_up")


# ---- the server itself ------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_server_that_is_away_for_a_while(server, gateways, end):
    with surviving(gateways) as ordeal:
        getattr(server, end)()
        ordeal.wait_for_refusals()
        tell_degraded(gateways)
        server.start()


def test_a_server_that_is_frozen_for_a_while(server, gateways):
    with surviving(gateways) as ordeal:
        server.freeze()
        ordeal.wait_for_refusals()
        tell_degraded(gateways)
        server.thaw()


def test_a_server_that_is_restarted_again_and_again(server, gateways):
    with surviving(gateways) as ordeal:
        for _ in range(5):
            server.restart()
            ordeal.wait_for_effects(20)


@pytest.mark.parametrize("which", range(SERVERS))
def test_a_server_that_dies_a_hundred_times(server, gateways, which):
    oracle = Oracle(clients=16)
    with VerifiedTraffic(gateways, gateways[0].auth().register("ada")):
        for _ in range(KILLS // SERVERS // KILLS_BETWEEN_JUDGEMENTS):
            with oracle.at_work(gateways) as shift:
                for _ in range(KILLS_BETWEEN_JUDGEMENTS):
                    shift.wait_for_effects(random.randint(1, 20))
                    server.kill()
                    server.start()
                wait_until_well(gateways)
            oracle.judge(gateways, FEED_BOUND_AFTER_TROUBLE)  # the server was killed a moment ago
    oracle.judge(gateways, sample=300 // SERVERS)
    assert len(oracle.refused) == len(oracle.unanswered), "a connection was cut"
    assert_prompt(oracle)


def test_a_server_that_sends_everybody_away_again_and_again(server, gateways):
    with surviving(gateways) as ordeal:
        for _ in range(20):
            server.disconnect_clients()
            ordeal.wait_for_effects(5)


def test_a_database_that_becomes_read_only(server, gateways):
    with surviving(gateways) as ordeal:
        server.set("default_transaction_read_only", "on")
        ordeal.wait_for_refusals()
        server.set("default_transaction_read_only", "off")


@pytest.mark.parametrize("tables", ["gatehouse.sessions", "gatehouse.users", "gatehouse.feed, gatehouse.changes"])
def test_a_lock_that_somebody_forgot(server, gateways, tables):
    with surviving(gateways) as ordeal, server.session() as somebody:
        somebody.run(f"BEGIN; LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE")
        ordeal.wait_for_refusals()
        somebody.run("ROLLBACK")


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


def test_connections_are_cut_in_the_middle_of_statements(proxy, distant_gateways):
    with surviving(distant_gateways) as ordeal:
        for end in itertools.islice(itertools.cycle([RESET, FIN]), CUTS):
            way = random.choice([TO_SERVER, TO_CLIENT])
            proxy.cut_after(random.randint(1, 2000), way, end).wait()
            ordeal.wait_for_effects(2)


@pytest.mark.parametrize("trap", ["cut_at", "cut_answer_to"], ids=["just before", "just after"])
def test_connections_are_cut_around_the_commit(proxy, distant_gateways, trap):
    """The server has written it, or it has not: the client cannot know, and is told neither."""
    with surviving(distant_gateways) as ordeal:
        for end in itertools.islice(itertools.cycle([RESET, FIN]), CUTS):
            getattr(proxy, trap)(COMMIT, end).wait()
            ordeal.wait_for_effects(2)
        # The others had only read, and were tried again.
        assert len(ordeal.oracle.refused) >= CUTS / 6, "whoever was cut off got an answer all the same"


# ---- the feed alone ---------------------------------------------------------------------------


@contextlib.contextmanager
def deaf(proxy):
    """Whoever asks to be told of changes is cut off, again and again; other calls pass."""
    traps = [proxy.cut_at(b"LISTEN") for _ in range(30)]
    proxy.cut()
    try:
        yield
    finally:
        assert any(trap.sprung.is_set() for trap in traps)
        proxy.heal()


def test_a_feed_that_is_not_heard_closes_the_routes_that_say_so_and_no_other(tmp_path, server, backend):
    routes = [{"match": "/strict/**", "to": backend.url, "on_stale": "deny"}, {"match": "/**", "to": backend.url}]
    with replicas(tmp_path, server, routes=routes, feed={"stale_after": "300ms"}) as gateways:
        pair = gateways[0].auth().register("ada")

        def strict():
            return {gateway.ask("GET", "/strict/a", pair.bearer).status for gateway in gateways}

        wait_until(lambda: strict() == {200}, "the feeds to be heard")
        with server.session() as somebody:
            somebody.run("BEGIN; LOCK TABLE gatehouse.changes IN ACCESS EXCLUSIVE MODE")
            wait_until(lambda: strict() == {503}, "the feed to be stale")
            assert {gateway.ask("GET", "/items", pair.bearer).status for gateway in gateways} == {200}
            somebody.run("ROLLBACK")
        wait_until(lambda: strict() == {200}, "the feed to be heard again")


def test_a_feed_that_is_cut(proxy, distant_gateways):
    """Logouts go on, and arrive when the feed is heard again."""
    a, b, c = distant_gateways
    pairs = [a.auth().register(name) for name in ("bob", "eve")]
    with surviving(distant_gateways) as ordeal:
        with deaf(proxy):
            ordeal.wait_for_effects(100)
            a.auth().logout(pairs[0])
        for gateway in (b, c):
            wait_until(lambda: gateway.ask("GET", "/items", pairs[0].bearer).status == 401, "the logout to arrive",
                       FEED_BOUND_AFTER_TROUBLE)
        assert c.auth().me(pairs[1])["username"] == "eve"
