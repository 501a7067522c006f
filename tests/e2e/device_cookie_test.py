"""A browser that logged in before is known by a cookie, and guessing at its owner's account does not keep it out."""

import contextlib

import pytest

from harness.auth_client import PASSWORD
from harness.postgres import Postgres
from harness.redis import Redis
from harness.replicas import replicas

LIMITS = {"pair_free": 3, "pair_first_wait": "1h", "pair_longest_wait": "1h", "account_per_hour": 6,
          "device_cookie": True, "device_per_hour": 4}


def answer(response):
    return response.status if response.status < 400 else (response.status, response.error_code())


def device_cookie(response):
    """(name=value, attributes) of the one that was set."""
    found = [value for value in response.all("Set-Cookie") if value.startswith("gatehouse_device=")]
    assert len(found) == 1, response.fields
    value, *attributes = [part.strip() for part in found[0].split(";")]
    return value, attributes


def log_in(gateway, name="ada", password=PASSWORD, cookie=None):
    fields = {"Sec-Fetch-Site": "same-origin"} | ({"Cookie": cookie} if cookie else {})
    return gateway.auth().call("/login", {"username": name, "password": password}, fields)


def guess(gateway, name="ada"):
    for _ in range(8):
        log_in(gateway, name, "a guess at it")
    assert answer(log_in(gateway, name)) == (429, "too_many_attempts")


def test_the_owner_comes_in_while_others_guess(start_gateway, backend):  # R55
    gateway = start_gateway(backend, throttle=LIMITS)
    gateway.auth().register("ada")
    browser, attributes = device_cookie(log_in(gateway))
    assert {"HttpOnly", "Secure", "SameSite=Strict", "Path=/auth"} <= set(attributes)
    guess(gateway)
    assert answer(log_in(gateway, cookie=browser)) == 200
    assert answer(log_in(gateway)) == (429, "too_many_attempts"), "who guesses waits as before"


def test_a_stolen_cookie_is_worth_a_few_guesses(start_gateway, backend):  # R53
    gateway = start_gateway(backend, throttle=LIMITS)
    gateway.auth().register("ada")
    browser, _ = device_cookie(log_in(gateway))
    answers = [answer(log_in(gateway, password=f"guess {number}", cookie=browser)) for number in range(12)]
    assert answers == [(401, "invalid_credentials")] * 4 + [(429, "too_many_attempts")] * 8
    assert answer(log_in(gateway)) == 200, "and they slowed nobody else down"


def test_a_cookie_of_somebody_else_changes_no_answer(start_gateway, backend):  # R54
    gateway = start_gateway(backend, throttle=LIMITS)
    for name in ("ada", "bob"):
        gateway.auth().register(name)
    bobs, _ = device_cookie(log_in(gateway, "bob"))

    def told(name):
        response = log_in(gateway, name, cookie=bobs)
        error = response.json()["error"]
        del error["requestId"]
        wait = int(response["Retry-After"])
        return response.status, error, 3500 < wait <= 3600, sorted(name.lower() for name, _ in response.fields)

    for name in ("ada", "nobody"):
        guess(gateway, name)
    assert told("ada") == told("nobody")
    assert told("ada")[0] == 429


def test_no_service_ever_sees_it(start_gateway, backend):
    gateway = start_gateway(backend, throttle=LIMITS)
    pair = gateway.auth().register("ada")
    browser, _ = device_cookie(log_in(gateway))
    with_others = {**pair.bearer, "Cookie": f"a=1; {browser}; b=2"}
    assert gateway.ask("GET", "/", with_others).status == 200
    assert [value for name, value in backend.last.fields if name.lower() == "cookie"] == ["a=1; b=2"]


@pytest.mark.parametrize("kind", ["postgres", "redis"])
def test_gateways_of_one_store_know_a_browser_and_count_it_together(tmp_path, backend, kind):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(Postgres())
        redis = stack.enter_context(Redis()) if kind == "redis" else None
        gateways = stack.enter_context(replicas(tmp_path, server, backend, sessions_at=redis, throttle=LIMITS))
        gateways[0].auth().register("ada")
        browser, _ = device_cookie(log_in(gateways[0]))
        for gateway in gateways:
            guess(gateway)
            assert answer(log_in(gateway, cookie=browser)) == 200
        answers = [answer(log_in(gateways[number % 3], password="a guess at it", cookie=browser))
                   for number in range(12)]
        assert answers == [(401, "invalid_credentials")] * 4 + [(429, "too_many_attempts")] * 8
