"""Three gateways on one PostgreSQL, with keys of one file: clients ask any of them and cannot tell."""

import contextlib
import json
import random
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import wait_until
from harness.auth_client import PASSWORD, Pair
from harness.fault_proxy import FaultProxy
from harness.oracle import Oracle
from harness.postgres import Postgres
from harness.replicas import FEED_BOUND, FEED_PROMISE, replicas
from harness.traffic import VerifiedTraffic

REVOCATIONS = 300
REFRESH_ROUNDS = 50
CLIENTS_OF_EACH = 4


@pytest.fixture
def server():
    with Postgres() as running:
        yield running


@pytest.fixture
def gateways(tmp_path, server, backend):
    with replicas(tmp_path, server, backend) as running:
        yield running


def told(gateway, pair, target="/items"):
    """What a gateway says to an access token: a status, or the code of a refusal."""
    answer = gateway.ask("GET", target, pair.bearer)
    return answer.status if answer.status == 200 else answer.error_code()


def everywhere(gateways, pair, expected, target="/items"):
    """A second is what news may take, on a machine that has the time."""
    for number, gateway in enumerate(gateways):
        wait_until(lambda: told(gateway, pair, target) == expected, f"{expected} at replica {number + 1}", FEED_BOUND)


# ---- one gateway ------------------------------------------------------------------------------


def test_what_one_began_any_other_goes_on_with(gateways, backend):
    a, b, c = gateways
    registered = a.auth().register("ada")
    other = b.auth().login("ada")
    assert other.user_id == registered.user_id
    assert told(c, other) == 200
    assert backend.last.all("X-User-Id") == [registered.user_id]
    refreshed = a.auth().refresh(other)
    assert c.auth().try_refresh(other.refresh).error_code() == "refresh_token_reused"
    assert len(c.auth().call("/sessions", method="GET", fields=registered.bearer).json()) == 2

    b.auth().logout(refreshed)
    assert told(b, refreshed) == "token_revoked"  # at once where it was asked for
    for pair in (other, refreshed):
        everywhere(gateways, pair, "token_revoked")
        for gateway in gateways:
            assert gateway.auth().try_refresh(pair.refresh).error_code() == "refresh_token_revoked"
    everywhere(gateways, registered, 200)


def test_logout_all_at_one_ends_what_the_others_began(gateways):
    pairs = [gateways[0].auth().register("ada"), *(gateway.auth().login("ada") for gateway in gateways)]
    stranger = gateways[1].auth().register("bob")
    assert gateways[2].auth().call("/logout-all", fields=pairs[0].bearer).status == 204
    for pair in pairs:
        everywhere(gateways, pair, "token_revoked")
        assert random.choice(gateways).auth().try_refresh(pair.refresh).error_code() == "refresh_token_revoked"
    everywhere(gateways, stranger, 200)


def test_a_name_is_taken_everywhere_and_by_one(gateways):
    """All replicas are asked for the same name at the same moment."""
    with ThreadPoolExecutor(len(gateways) * 2) as pool:
        for round_ in range(10):
            body = {"username": f"user-{round_}", "password": PASSWORD}
            answers = list(pool.map(lambda gateway: gateway.auth().call("/register", body), gateways * 2))
            assert sorted(answer.status for answer in answers) == [201] + [409] * (len(answers) - 1)


def test_a_changed_password_counts_everywhere(gateways):
    a, b, c = gateways
    pair, other = a.auth().register("ada"), b.auth().login("ada")
    body = {"currentPassword": PASSWORD, "newPassword": "a quite different one"}
    assert c.auth().call("/password/change", body, pair.bearer).status == 204
    everywhere(gateways, other, "token_revoked")
    everywhere(gateways, pair, 200)
    for gateway in gateways:
        assert gateway.auth().call("/login", {"username": "ada", "password": PASSWORD}).status == 401
        gateway.auth().login("ada", "a quite different one")


# ---- overlapping calls at different replicas --------------------------------------------------


def ask_together(clients, calls):
    """One call on each connection, all sent before any answer is read."""
    for client, (path, members) in zip(clients, calls, strict=True):
        client.request("POST", f"/auth{path}", {"Content-Type": "application/json"}, json.dumps(members).encode())
    return [client.read_response("POST") for client in clients]


@contextlib.contextmanager
def connections(gateways, of_each):
    """In an order that changes which replica is asked first."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(gateway.connect()) for gateway in gateways for _ in range(of_each)]

        def shuffled():
            random.shuffle(clients)
            return clients
        yield shuffled


@pytest.mark.parametrize("on_straggler", ["refuse", "repeat"])
def test_overlapping_refreshes_bring_one_generation(tmp_path, server, backend, on_straggler):
    refresh = {"on_straggler": on_straggler, "straggler_window": "5m"}
    with replicas(tmp_path, server, backend, refresh=refresh) as gateways:
        pair = gateways[0].auth().register("ada")
        with connections(gateways, CLIENTS_OF_EACH) as shuffled:
            for round_ in range(REFRESH_ROUNDS):
                clients = shuffled()
                call = ("/refresh-token", {"refreshToken": pair.refresh})
                answers = ask_together(clients, [call] * len(clients))
                new = [Pair.of(answer) for answer in answers if answer.status == 200]
                refused = {(answer.status, answer.error_code()) for answer in answers if answer.status != 200}
                assert len({one.refresh for one in new}) == 1, f"round {round_}: not one generation"
                assert refused <= ({(403, "refresh_token_reused")} if on_straggler == "refuse" else set())
                pair = new[0]
        everywhere(gateways, pair, 200)


def test_a_logout_beats_refreshes_at_other_replicas(gateways):
    """Whatever order they came in: what was signed out stays so, with every token it ever had."""
    a = gateways[0].auth()
    a.register("ada")
    with connections(gateways, 1) as shuffled:
        for _ in range(REFRESH_ROUNDS):
            pair = a.login("ada")
            calls = [("/refresh-token", {"refreshToken": pair.refresh})] * 2 + [("/logout", {"refreshToken": pair.refresh})]
            *refreshes, logout = ask_together(shuffled(), calls)
            assert logout.status == 204
            for answer in refreshes:
                assert answer.status == 200 or answer.error_code() in {"refresh_token_reused", "refresh_token_revoked"}
            for token in [pair, *(Pair.of(answer) for answer in refreshes if answer.status == 200)]:
                everywhere(gateways, token, "token_revoked")
                last = random.choice(gateways).auth().try_refresh(token.refresh)
                assert (last.status, last.error_code()) == (403, "refresh_token_revoked")


# ---- what an operator does --------------------------------------------------------------------


def test_a_block_reaches_all_and_unblocking_revives_nothing(gateways):
    a, b, c = gateways
    pair = a.auth().register("ada")
    credentials = {"username": "ada", "password": PASSWORD}
    b.command("user", "block", "ada")
    everywhere(gateways, pair, "token_revoked")
    for gateway in gateways:
        login = gateway.auth().call("/login", credentials)
        assert (login.status, login.error_code()) == (403, "account_blocked")
        assert gateway.auth().try_refresh(pair.refresh).error_code() == "refresh_token_revoked"
    c.command("user", "unblock", "ada")
    wait_until(lambda: all(gateway.auth().call("/login", credentials).status == 200 for gateway in gateways), "logins")
    everywhere(gateways, a.auth().login("ada"), 200)
    everywhere(gateways, pair, "token_revoked")


def test_new_roles_reach_all(tmp_path, server, backend):
    routes = [{"match": "/admin/**", "auth": {"roles": ["admin"]}, "to": backend.url}, {"match": "/**", "to": backend.url}]
    with replicas(tmp_path, server, routes=routes) as gateways:
        pair = gateways[0].auth().register("ada")
        everywhere(gateways, pair, "forbidden", "/admin/a")
        gateways[1].command("user", "set-roles", "ada", "admin")
        everywhere(gateways, pair, 200, "/admin/a")
        gateways[2].command("user", "set-roles", "ada", "reader")
        everywhere(gateways, pair, "forbidden", "/admin/a")


# ---- news -------------------------------------------------------------------------------------


def test_whoever_starts_knows_what_ended_before_it_serves(tmp_path, server, backend):
    with FaultProxy(server.port) as proxy, replicas(tmp_path, server, backend, [None, None, proxy.port]) as (a, b, c):
        a.auth().register("ada")
        ended = [a.auth().login("ada") for _ in range(3)]
        standing = a.auth().login("ada")
        c.stop()
        for pair in ended:
            b.auth().logout(pair)
        proxy.blackhole()
        c.start(wait=False)
        proxy.wait_for_connections(proxy.accepted + 3)  # it has tried, asked who is there, and tries again
        assert c.process.running()
        with pytest.raises(OSError):
            c.connect()
        proxy.heal()
        c.wait_until_ready()
        assert [told(c, pair) for pair in ended] == ["token_revoked"] * len(ended)
        assert told(c, standing) == 200


def seconds_until_refused(gateway, pair, since):
    """From the acknowledgement of the logout, whose moment `since()` tells when it has come."""
    with gateway.connect() as client:
        while client.exchange("GET", "/items", pair.bearer).status == 200:
            assert since() is None or time.monotonic() - since() < 10, "the logout never arrived"
        refused = time.monotonic()
    wait_until(since, "the logout to be acknowledged")
    return max(0.0, refused - since())


def revocation(gateways, pool, pair):
    """How long each of the others goes on to take a token after its logout was acknowledged."""
    asked, *others = random.sample(gateways, len(gateways))
    acknowledged = []
    watching = [pool.submit(seconds_until_refused, other, pair, lambda: acknowledged[0] if acknowledged else None)
                for other in others]
    asked.auth().logout(pair)
    acknowledged.append(time.monotonic())
    return [watch.result(20) for watch in watching]


def test_how_long_a_logout_takes_to_reach_other_replicas(gateways, record_property):
    pairs = [gateways[0].auth().register("ada"), *(gateways[0].auth().login("ada") for _ in range(REVOCATIONS))]
    oracle = Oracle(clients=8)
    with ThreadPoolExecutor(len(gateways)) as pool, oracle.at_work(gateways), VerifiedTraffic(gateways, pairs.pop()):
        took = [seconds for pair in pairs for seconds in revocation(gateways, pool, pair)]
    cuts = statistics.quantiles(took, n=100)
    record_property("figure", f"a logout reaches other replicas under load: p50 {cuts[49] * 1000:.1f} ms, "
                              f"p99 {cuts[98] * 1000:.1f} ms, longest {max(took) * 1000:.1f} ms ({len(took)} times)")
    assert oracle.unanswered == []
    assert cuts[89] < FEED_PROMISE and max(took) < FEED_BOUND


def test_metrics_say_how_far_a_replica_has_heard(gateways, server):
    def sequences():
        return {gateway.metric("gatehouse_change_feed_sequence") for gateway in gateways}

    pair = gateways[0].auth().register("ada")
    before = max(sequences())
    gateways[0].auth().logout(pair)
    wait_until(lambda: sequences() == {before + 1}, "all replicas to have heard of it")
    wait_until(lambda: all(gateway.metric("gatehouse_change_feed_lag_seconds") < FEED_PROMISE for gateway in gateways), "no lag")
    server.freeze()
    wait_until(lambda: all(gateway.metric("gatehouse_change_feed_lag_seconds") > 2 for gateway in gateways), "the lag to grow")
    server.thaw()
    wait_until(lambda: all(gateway.metric("gatehouse_change_feed_lag_seconds") < 1 for gateway in gateways), "the lag to end")
