"""How many requests may come, by user, session, address, header and route: bursts, many clients, reloads."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import wait_until

SLOW = {"requests": 1, "per": "1h"}  # what is used up stays so while a test runs


@pytest.fixture
def start(start_gateway, backend):
    """A gateway with the usual routes; `public` and `private` are added to two of them."""
    def started(public=None, private=None, **settings):
        url = backend.url
        routes = [{"match": "/public/**", "auth": "none", "to": url, **(public or {})},
                  {"match": "/free/**", "auth": "none", "to": url},
                  {"match": "/**", "to": url, **(private or {})}]
        return start_gateway(backend, routes=routes, **settings)
    return started


def statuses(gateway, target, times, fields=()):
    with gateway.connect() as client:
        return [client.exchange("GET", target, fields).status for _ in range(times)]


def test_so_many_may_come_at_once_and_then_they_are_refused(start, backend):
    gateway = start(public={"rate": [{"by": "address", **SLOW, "burst": 3}]})
    assert statuses(gateway, "/public/a", 5) == [200, 200, 200, 429, 429]
    assert len(backend.requests) == 3
    refusal = gateway.ask("GET", "/public/a")
    assert refusal.error_code() == "too_many_requests"
    assert 3500 <= int(refusal.get("Retry-After")) <= 3600
    assert refusal.all("RateLimit-Policy") == ['"address";q=1;w=3600']
    assert re.fullmatch(r'"address";r=0;t=3[56]\d\d', refusal.all("RateLimit")[0])
    assert statuses(gateway, "/free/a", 1) == [200], "other routes are none of its business"
    gateway.wait_for_metric(3, "gatehouse_rate_refusals_total", rate="/public/** address")
    gateway.wait_for_metric(3, "gatehouse_refusals_total", code="too_many_requests")
    gateway.wait_for_access(lambda record: record.get("refusal") == "too_many_requests", count=3)


def test_a_rate_holds_over_all_workers(start, backend):
    gateway = start(public={"rate": [{"by": "address", **SLOW, "per": "10m", "burst": 40}]})
    with ThreadPoolExecutor(12) as crowd:
        seen = [status for each in crowd.map(lambda _: statuses(gateway, "/public/a", 10), range(12)) for status in each]
    assert sorted(seen) == [200] * 40 + [429] * 80


def test_what_is_used_up_comes_back_evenly(start):
    gateway = start(public={"rate": [{"by": "route", "requests": 4, "per": "1s", "burst": 2}]})
    assert statuses(gateway, "/public/a", 3) == [200, 200, 429]
    wait_until(lambda: gateway.ask("GET", "/public/a").status == 200, "a request to come back", 3)


def test_answers_that_pass_tell_what_is_left_where_that_is_wanted(start, backend):
    gateway = start(public={"rate": [{"by": "address", **SLOW, "burst": 3, "tell": True},
                                     {"by": "address", "requests": 100, "per": "1m", "tell": True},
                                     {"by": "address", "requests": 1000}]})
    passed = gateway.ask("GET", "/public/a")
    assert passed.status == 200
    assert sorted(passed.get("RateLimit-Policy").split(", ")) == ['"address";q=1;w=3600', '"address-2";q=100;w=60']
    told = dict(re.findall(r'"([\w-]+)";r=(\d+);t=\d+', passed.get("RateLimit")))
    assert told == {"address": "2", "address-2": "99"}
    assert passed.get("Cache-Control") is None, "what is told does not keep an answer from caches"
    assert gateway.ask("GET", "/free/a").get("RateLimit") is None


def test_one_user_has_one_rate_on_all_devices_and_every_session_its_own(start):
    gateway = start(private={"rate": [{"by": "user", **SLOW, "burst": 6}, {"by": "session", **SLOW, "burst": 4}]})
    auth = gateway.auth()
    first = auth.register("ada")
    second, other = auth.login("ada"), auth.register("eve")
    assert statuses(gateway, "/a", 5, first.bearer) == [200] * 4 + [429], "the session's"
    assert statuses(gateway, "/a", 3, second.bearer) == [200] * 2 + [429], "the user's"
    assert statuses(gateway, "/a", 4, other.bearer) == [200] * 4, "somebody else's"


def test_who_is_refused_by_one_rate_uses_nothing_of_the_others(start):
    gateway = start(private={"rate": [{"by": "session", **SLOW, "burst": 2}, {"by": "user", **SLOW, "burst": 5}]})
    auth = gateway.auth()
    first = auth.register("ada")
    assert statuses(gateway, "/a", 6, first.bearer) == [200] * 2 + [429] * 4
    assert statuses(gateway, "/a", 3, auth.login("ada").bearer) == [200] * 2 + [429]
    assert statuses(gateway, "/a", 2, auth.login("ada").bearer) == [200, 429]


def test_a_header_is_counted_by_its_value_and_without_one_by_the_address(start):
    gateway = start(public={"rate": [{"by": "header:X-Tenant", **SLOW, "burst": 2}]})
    assert statuses(gateway, "/public/a", 3, [("X-Tenant", "red")]) == [200, 200, 429]
    assert statuses(gateway, "/public/a", 3, [("x-tenant", "blue")]) == [200, 200, 429]
    assert statuses(gateway, "/public/a", 3) == [200, 200, 429]
    twice = [("X-Tenant", "new"), ("X-Tenant", "newer")]
    assert statuses(gateway, "/public/a", 1, twice) == [429], "whoever says two things says none"


def test_a_flood_of_bad_tokens_is_bounded_before_they_are_looked_at(start):
    gateway = start(private={"rate": [{"by": "address", **SLOW, "burst": 5}]})
    bad = [("Authorization", "Bearer eyJhbGciOiJFUzI1NiJ9.e30.AAAA")]
    assert statuses(gateway, "/a", 8, bad) == [401] * 5 + [429] * 3


def test_strangers_cannot_use_up_what_is_for_users(start):
    gateway = start(private={"rate": [{"by": "route", **SLOW, "burst": 3}]})
    ada = gateway.auth().register("ada")
    assert set(statuses(gateway, "/a", 10)) == {401}
    assert statuses(gateway, "/a", 4, ada.bearer) == [200] * 3 + [429]


def test_a_rate_by_name_is_one_for_all_its_routes(start):
    named = {"team": {"by": "address", **SLOW, "burst": 4}}
    gateway = start(public={"rates": ["team"]}, private={"rates": ["team"], "auth": "none"}, rates=named)
    assert statuses(gateway, "/public/a", 3) == [200] * 3
    assert statuses(gateway, "/a", 2) == [200, 429]
    gateway.wait_for_metric(1, "gatehouse_rate_refusals_total", rate="team")


def test_addresses_are_those_that_trusted_proxies_tell_and_ipv6_counts_by_its_network(start):
    gateway = start(public={"rate": [{"by": "address", **SLOW, "burst": 2}]}, trusted_proxies=["127.0.0.0/8"])

    def seen(address):
        return statuses(gateway, "/public/a", 1, [("X-Forwarded-For", address)])[0]
    assert [seen("192.0.2.1"), seen("192.0.2.1"), seen("192.0.2.1")] == [200, 200, 429]
    assert [seen("::ffff:192.0.2.1"), seen("192.0.2.2")] == [429, 200]
    assert [seen("2001:db8:0:1::1"), seen("2001:db8:0:1:ffff::2"), seen("2001:db8:0:1::3")] == [200, 200, 429]
    assert seen("2001:db8:0:2::1") == 200


def test_nobody_gets_another_address_by_saying_so(start):
    gateway = start(public={"rate": [{"by": "address", **SLOW, "burst": 2}]})
    told = [statuses(gateway, "/public/a", 1, [("X-Forwarded-For", f"192.0.2.{n}")])[0] for n in range(4)]
    assert told == [200, 200, 429, 429]


def test_a_reload_keeps_what_was_counted(start):
    gateway = start(public={"rate": [{"by": "address", **SLOW, "burst": 3}]})
    assert statuses(gateway, "/public/a", 3) == [200] * 3
    gateway.settings["routes"][0]["rate"][0]["burst"] = 4
    gateway.settings["metrics"] = {"routes": 7}
    gateway.write_config()
    wait_until(lambda: gateway.metric("gatehouse_config_generation") == 2, "the reload")
    assert statuses(gateway, "/public/a", 2) == [200, 429], "one more, and not four"


def test_explain_and_check_show_what_a_route_keeps_to(start):
    gateway = start(private={"rate": [{"by": "user", "requests": 10, "per": "1m", "burst": 20}], "in_flight": 5,
                             "max_body": "1MiB"})
    told = gateway.command("explain", "GET /a").stdout
    assert "limit:    user: 10 per 1m by user, 20 at once" in told
    assert "limit:    in_flight: 5" in told and "limit:    max_body: 1MiB" in told
    assert gateway.command("check").returncode == 0


def test_a_burst_of_many_users_is_fair(start):
    gateway = start(private={"rate": [{"by": "user", **SLOW, "burst": 5}]})
    users = [gateway.auth().register(f"user{n}") for n in range(8)]
    with ThreadPoolExecutor(8) as crowd:
        seen = list(crowd.map(lambda user: statuses(gateway, "/a", 9, user.bearer), users))
    assert seen == [[200] * 5 + [429] * 4] * 8


@pytest.mark.parametrize("route, framing", [(route, framing) for route in ("small", "large", "none") for framing in (
    "Content-Length: 2000\r\n\r\n" + "x" * 2000, "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + "x" * 2000 + "\r\n0\r\n\r\n")])
def test_a_route_has_a_body_size_of_its_own(start_gateway, backend, route, framing):  # R17
    url = backend.url
    gateway = start_gateway(backend, limits={"max_body": "1500B"}, routes=[
        {"match": "/small", "auth": "none", "to": url, "max_body": "1KiB"},
        {"match": "/large", "auth": "none", "to": url, "max_body": "1MiB"},
        {"match": "/none", "auth": "none", "to": url, "max_body": "0"}])
    with gateway.connect() as client:
        response = client.send(f"POST /{route} HTTP/1.1\r\nHost: x\r\n{framing}").read_response()
    assert response.status == (413 if route == "small" else 200)
    if route == "small":
        assert response.error_code() == "body_too_large"
        assert all(len(request.body) <= 1024 for request in backend.requests)
