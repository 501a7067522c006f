"""refresh.lost_answer: repeat. The answer to a refresh never arrives, and the token that was spent fetches it again,
however late; once anybody anywhere used the new pair, the same token is a thief's."""

import base64
import contextlib
import itertools
import json

import pytest

from harness import wait_until
from harness.auth_client import Pair
from harness.gateway import Gateway
from harness.oracle import SETTINGS
from harness.postgres import Postgres
from harness.redis import Redis
from harness.replicas import replicas
from session_cookie_test import Browser

# No straggler window: what is allowed here is allowed for ever.
REPEAT = {"lost_answer": "repeat", "straggler_window": "0s"}
HEARD = 10.0  # seconds until every gateway knows what one of them saw; a moment where no other tests run
LOSERS = itertools.count(2)  # the last number of the address of each client that loses an answer


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def answer(response):
    return response.status if response.status < 400 else (response.status, response.error_code())


def lose_the_answer(gateway, pair):
    """A refresh whose client is gone before it is answered."""
    address = f"127.0.0.{next(LOSERS)}"  # others may have refreshed before, and their lines come when they come
    body = json.dumps({"refreshToken": pair.refresh}).encode()
    with gateway.connect(source=address) as client:
        client.request("POST", "/auth/refresh-token", {"Content-Type": "application/json"}, body)
        gateway.wait_for_access(lambda record: record["client"] == address, "the refresh to be over")


@contextlib.contextmanager
def two_on(kind, folder, backend):
    with contextlib.ExitStack() as stack:
        redis = stack.enter_context(Redis()) if kind.endswith("redis") else None
        if kind.startswith("postgres"):
            server = stack.enter_context(Postgres())
            yield stack.enter_context(replicas(folder, server, backend, (None, None), sessions_at=redis, refresh=REPEAT))
            return
        settings = {**SETTINGS, "store": f"sqlite:{folder}/gatehouse.db", "tokens": {"keys_file": f"{folder}/keys.json"},
                    **(redis.as_sessions(folder) if redis else {}), "refresh": REPEAT}
        running = [Gateway(folder / name, backend, **settings) for name in ("a", "b")]
        for gateway in running:
            stack.callback(gateway.stop)
        yield running


@pytest.fixture(params=["sqlite", "postgres", "sqlite and redis", "postgres and redis"])
def gateways(request, tmp_path, backend):
    with two_on(request.param, tmp_path, backend) as running:
        yield running


def test_a_lost_answer_is_fetched_again(start_gateway, backend):  # R41
    gateway = start_gateway(backend, refresh=REPEAT)
    auth = gateway.auth()
    first = auth.register("ada")
    assert gateway.ask("GET", "/", first.bearer).status == 200
    lose_the_answer(gateway, first)
    assert gateway.ask("GET", "/", first.bearer).status == 200, "an older pair, and still good"
    second = auth.refresh(first)
    assert claims(second.refresh)["gen"] == 2, "no further generation"
    assert auth.refresh(first).refresh == second.refresh, "lost once more"
    third = auth.refresh(second)
    assert claims(third.refresh)["gen"] == 3
    assert answer(auth.try_refresh(first.refresh)) == (403, "refresh_token_reused")
    assert gateway.ask("GET", "/", third.bearer).error_code() == "token_revoked"


def test_a_replay_after_the_pair_was_used_is_theft(start_gateway, backend):  # R40
    gateway = start_gateway(backend, refresh=REPEAT)
    auth = gateway.auth()
    for number, used_at in enumerate(("/", "/auth/me", "/auth/verify")):
        first = auth.register(f"user{number}")
        second = auth.refresh(first)
        assert gateway.ask("GET", used_at, second.bearer).status == 200
        assert answer(auth.try_refresh(first.refresh)) == (403, "refresh_token_reused"), used_at
        assert answer(auth.try_refresh(second.refresh)) == (403, "refresh_token_revoked"), used_at


def test_a_use_at_one_gateway_is_known_to_all(gateways):  # R40
    a, b = gateways
    for number in range(5):
        first = a.auth().register(f"user{number}")
        lose_the_answer(a, first)
        second = b.auth().refresh(first)
        assert b.auth().refresh(first).refresh == second.refresh
        assert a.auth().refresh(first).refresh == second.refresh
        assert b.ask("GET", "/items", second.bearer).status == 200
        # b knows at once, a in a moment; until then a repeats the very same pair.
        def judged():
            response = a.auth().try_refresh(first.refresh)
            if response.status == 200:
                assert Pair.of(response).refresh == second.refresh
            return answer(response) == (403, "refresh_token_reused")
        wait_until(judged, "gateway a to know that the pair is in use", HEARD)
        assert answer(b.auth().try_refresh(second.refresh)) == (403, "refresh_token_revoked")


def test_a_page_whose_renewal_was_lost_stays_signed_in(start_gateway, backend):  # R41
    gateway = start_gateway(refresh=REPEAT, routes=[{"match": "/**", "to": backend.url, "session_cookie": True}])
    ann = Browser(gateway).sign_up("ann")
    first = dict(ann.cookies)
    for _ in range(3):
        lost = gateway.ask("GET", "/page", ann.fields(without=["access_token"]))
        assert lost.status == 200, "the gateway used the new pair, and its client has not got it"
    assert ann.ask("GET", "/page", without=["access_token"]).status == 200
    assert claims(ann.cookies["refresh_token"])["gen"] == 2
    assert ann.ask("GET", "/page").status == 200
    ann.cookies = first
    assert answer(ann.ask("GET", "/page", without=["access_token"])) == (401, "token_revoked"), "now it was used"


def test_what_was_seen_outlives_the_process(start_gateway, backend):  # R40
    gateway = start_gateway(backend, refresh=REPEAT)
    first = gateway.auth().register("ada")
    second = gateway.auth().refresh(first)
    assert gateway.ask("GET", "/", second.bearer).status == 200
    gateway.stop()
    gateway.start()
    assert answer(gateway.auth().try_refresh(first.refresh)) == (403, "refresh_token_reused")


def test_without_the_setting_nothing_is_repeated(start_gateway, backend):  # R40
    gateway = start_gateway(backend, refresh={"straggler_window": "0s"})
    first = gateway.auth().register("ada")
    assert "gen" not in claims(first.access)
    lose_the_answer(gateway, first)
    assert answer(gateway.auth().try_refresh(first.refresh)) == (403, "refresh_token_reused")
