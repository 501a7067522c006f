"""Three gateways with accounts in PostgreSQL and sessions in Redis: what ended is heard by two ways,
and the way through Redis is cut, swallowed, restarted and emptied."""

import contextlib
import random
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import wait_until
from harness.auth_client import PASSWORD
from harness.fault_proxy import FaultProxy
from harness.oracle import Oracle
from harness.postgres import Postgres
from harness.redis import Redis
from harness.replicas import FEED_BOUND, FEED_PROMISE, RECOVERY, replicas
from harness.traffic import VerifiedTraffic

REVOCATIONS = 300
CONFIRMED = {"logout": "confirmed"}
LEASE = 1.0  # seconds
LONGEST = 2 * LEASE + 4  # other tests share the machine with this one
AT_ONCE = 0.8 * LEASE


@pytest.fixture
def postgres():
    with Postgres() as running:
        yield running


@pytest.fixture
def redis():
    with Redis() as running:
        yield running


@pytest.fixture
def gateways(tmp_path, postgres, redis, backend):
    with replicas(tmp_path, postgres, backend, sessions_at=redis) as running:
        yield running


@contextlib.contextmanager
def one_behind_a_proxy(tmp_path, postgres, redis, backend, **settings):
    """The third finds Redis behind the proxy."""
    with FaultProxy(redis.port) as proxy, replicas(
            tmp_path, postgres, backend, sessions_at=redis, redis_ports=(None, None, proxy.port), **settings) as running:
        yield proxy, running


def told(gateway, pair, target="/items"):
    """What a gateway says to an access token: a status, or the code of a refusal."""
    answer = gateway.ask("GET", target, pair.bearer)
    return answer.status if answer.status == 200 else answer.error_code()


def everywhere(gateways, pair, expected, within=FEED_BOUND):
    for number, gateway in enumerate(gateways):
        wait_until(lambda: told(gateway, pair) == expected, f"{expected} at replica {number + 1}", within)


def lag(gateway, feed):
    return gateway.metric("gatehouse_change_feed_lag_seconds", feed=feed)


def time_of(call, *arguments):
    began = time.monotonic()
    call(*arguments)
    return time.monotonic() - began


def wait_for_logouts_at_once(gateway, at):
    """Whoever waits for somebody waits each time; on a busy machine one alone may take as long."""
    wait_until(lambda: time_of(gateway.auth().logout, at.auth().login("ada")) < AT_ONCE, "a logout that waits for nobody")


def log_out(gateway, pair):
    """Until Redis is back."""
    wait_until(lambda: gateway.auth().call("/logout", {"refreshToken": pair.refresh}).status == 204, "the logout", RECOVERY)


def end(gateway, path, ended, asking):
    """Ends a session in one of the ways there are."""
    if path == "/sessions/ID":
        mine = gateway.auth().call("/sessions", method="GET", fields=ended.bearer).json()
        current = next(session["id"] for session in mine if session["current"])
        return gateway.auth().call(f"/sessions/{current}", method="DELETE", fields=asking.bearer)
    if path == "/password/change":
        same = {"currentPassword": PASSWORD, "newPassword": PASSWORD}
        return gateway.auth().call(path, same, asking.bearer)
    return gateway.auth().call(path, fields=ended.bearer)


# ---- both feeds -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/logout", "/logout-all", "/sessions/ID", "/password/change"])
def test_however_a_session_ends_all_hear_of_it(gateways, path):
    gateways[0].auth().register("ada")
    for _ in range(10):
        ended, asking = gateways[0].auth().login("ada"), gateways[1].auth().login("ada")
        assert end(random.choice(gateways), path, ended, asking).status == 204
        everywhere(gateways, ended, "token_revoked")
        assert random.choice(gateways).auth().try_refresh(ended.refresh).error_code() == "refresh_token_revoked"


def test_an_operators_block_is_heard_too(gateways):
    a, b, _ = gateways
    pair, other = a.auth().register("ada"), a.auth().register("bob")
    b.command("user", "block", "ada")
    everywhere(gateways, pair, "token_revoked")
    everywhere(gateways, other, 200)


def test_metrics_tell_of_each_feed(gateways):
    def sequences(feed):
        return {gateway.metric("gatehouse_change_feed_sequence", feed=feed) for gateway in gateways}

    pair = gateways[0].auth().register("ada")
    before = {feed: max(sequences(feed)) for feed in ("store", "sessions")}
    gateways[0].auth().logout(pair)
    wait_until(lambda: len(sequences("sessions")) == 1 and max(sequences("sessions")) > before["sessions"], "all to have heard")
    gateways[1].command("user", "block", "ada")
    wait_until(lambda: sequences("store") == {before["store"] + 1}, "all to have heard of the block")
    wait_until(lambda: all(lag(gateway, feed) < FEED_PROMISE for gateway in gateways for feed in before), "no lag")


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
    record_property("figure", f"a logout reaches other replicas through Redis under load: p50 {cuts[49] * 1000:.1f} ms, "
                              f"p99 {cuts[98] * 1000:.1f} ms, longest {max(took) * 1000:.1f} ms ({len(took)} times)")
    assert oracle.unanswered == []
    assert cuts[89] < FEED_PROMISE and max(took) < FEED_BOUND


# ---- the way to Redis is cut ------------------------------------------------------------------


def test_a_feed_that_is_cut_is_heard_again(tmp_path, postgres, redis, backend):
    routes = [{"match": "/strict/**", "to": backend.url, "on_stale": "deny"}, {"match": "/**", "to": backend.url}]
    with one_behind_a_proxy(tmp_path, postgres, redis, backend, routes=routes, feed={"stale_after": "300ms"}) as (proxy, gateways):
        a, _, deaf = gateways
        a.auth().register("ada")
        ended, standing = a.auth().login("ada"), a.auth().login("ada")
        for fault in (proxy.blackhole, proxy.refuse):
            with VerifiedTraffic(gateways, standing):
                fault()
                proxy.cut()
                a.auth().logout(ended)
                wait_until(lambda: told(deaf, standing, "/strict/a") == "store_unavailable", "the feed to be stale")
                assert told(deaf, ended) == 200  # that is what on_stale: allow says
                wait_until(lambda: lag(deaf, "sessions") > 2.5, "the lag to grow")
                wait_until(lambda: lag(deaf, "store") < FEED_PROMISE, "the other to go on")
                wait_until(lambda: "degraded" in deaf.admin("/readyz")[1], "readiness to tell")
                assert deaf.admin("/readyz")[0] == 200
                proxy.heal()
                wait_until(lambda: told(deaf, ended) == "token_revoked", "the logout to be heard", RECOVERY)
                wait_until(lambda: told(deaf, standing, "/strict/a") == 200, "the feed to be fresh")
            ended = a.auth().login("ada")


def test_connections_that_are_cut_again_and_again_lose_no_logout(tmp_path, postgres, redis, backend):
    with one_behind_a_proxy(tmp_path, postgres, redis, backend) as (proxy, gateways):
        a, _, cut = gateways
        a.auth().register("ada")
        for _ in range(20):
            pair = a.auth().login("ada")
            proxy.cut()
            a.auth().logout(pair)
            wait_until(lambda: told(cut, pair) == "token_revoked", "the logout to be heard", RECOVERY)


# ---- confirmed logouts ------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/logout", "/logout-all", "/sessions/ID", "/password/change"])
def test_with_the_answer_every_replica_refuses(tmp_path, postgres, redis, backend, path):
    """The very first request after the answer, at each of the others, while people sign in and out."""
    with replicas(tmp_path, postgres, backend, sessions_at=redis, **CONFIRMED) as gateways:
        gateways[0].auth().register("ada")
        oracle = Oracle(clients=4)
        with oracle.at_work(gateways):
            for _ in range(25):
                ended, asking = gateways[0].auth().login("ada"), gateways[1].auth().login("ada")
                asked, *others = random.sample(gateways, len(gateways))
                assert end(asked, path, ended, asking).status == 204
                assert [told(other, ended) for other in others] == ["token_revoked"] * len(others)
        assert oracle.unanswered == []


def test_a_replica_that_does_not_hear_redis_says_so(tmp_path, postgres, redis, backend):
    with one_behind_a_proxy(tmp_path, postgres, redis, backend, **CONFIRMED) as (proxy, gateways):
        a, b, deaf = gateways
        a.auth().register("ada")
        ended, standing = a.auth().login("ada"), a.auth().login("ada")
        wait_for_logouts_at_once(a, at=a)  # the book is believed
        proxy.blackhole()
        assert time_of(a.auth().logout, ended) < LONGEST
        for pair in (ended, standing):
            assert told(deaf, pair) == "store_unavailable"
            assert deaf.ask("GET", "/public/a", pair.bearer).status == 200
        assert (told(b, ended), told(b, standing)) == ("token_revoked", 200)
        wait_for_logouts_at_once(b, at=a)  # nobody expects it back
        proxy.heal()
        wait_until(lambda: told(deaf, standing) == 200, "the replica to catch up", RECOVERY)
        assert told(deaf, ended) == "token_revoked"


def test_a_logout_is_confirmed_also_right_after_redis_came_back(tmp_path, postgres, redis, backend):
    with replicas(tmp_path, postgres, backend, sessions_at=redis, **CONFIRMED) as gateways:
        gateways[0].auth().register("ada")
        for _ in range(3):
            ended = gateways[0].auth().login("ada")
            redis.kill()
            redis.start()
            asked, *others = random.sample(gateways, len(gateways))
            log_out(asked, ended)
            assert all(told(other, ended) in ("token_revoked", "store_unavailable") for other in others)
            everywhere(gateways, ended, "token_revoked", RECOVERY)


# ---- Redis itself -----------------------------------------------------------------------------


def test_a_redis_that_was_killed_has_lost_no_logout(tmp_path, postgres, redis, backend, gateways):
    a, b, c = gateways
    a.auth().register("ada")
    ended, standing = [a.auth().login("ada") for _ in range(5)], a.auth().login("ada")
    c.stop()
    with VerifiedTraffic([a, b], standing):
        for pair in ended:
            log_out(a, pair)
            redis.kill()
            redis.start()
            everywhere([a, b], pair, "token_revoked", RECOVERY)
    c.start()
    assert [told(c, pair) for pair in ended] == ["token_revoked"] * len(ended)
    assert told(c, standing) == 200


def test_who_lived_through_it_refuses_what_ended_in_a_redis_that_is_empty_now(gateways, redis):
    a, b, c = gateways
    a.auth().register("ada")
    ended, standing = a.auth().login("ada"), a.auth().login("ada")
    b.auth().logout(ended)
    everywhere(gateways, ended, "token_revoked")
    redis.lose_everything()
    login = {"username": "ada", "password": PASSWORD}
    for gateway in gateways:
        wait_until(lambda: gateway.auth().call("/login", login).status == 200, "logins", RECOVERY)
        assert told(gateway, ended) == "token_revoked"
        assert told(gateway, standing) == 200  # a session nobody ended; but nobody refreshes it
        assert gateway.auth().try_refresh(standing.refresh).status == 403
    later = c.auth().login("ada")
    a.auth().logout(later)
    everywhere(gateways, later, "token_revoked", RECOVERY)
    c.kill()  # and whoever starts now has it from those who lived through it
    c.start()
    assert [told(c, pair) for pair in (ended, later, standing)] == ["token_revoked", "token_revoked", 200]


def test_nobody_serves_before_both_feeds_were_read(tmp_path, postgres, redis, backend):
    with one_behind_a_proxy(tmp_path, postgres, redis, backend) as (proxy, (a, b, c)):
        a.auth().register("ada")
        ended, standing = a.auth().login("ada"), a.auth().login("ada")
        c.stop()
        b.auth().logout(ended)
        proxy.blackhole()
        c.start(wait=False)
        proxy.wait_for_connections(proxy.accepted + 3)
        assert c.process.running()
        with pytest.raises(OSError):
            c.connect()
        proxy.heal()
        c.wait_until_ready()
        assert (told(c, ended), told(c, standing)) == ("token_revoked", 200)
