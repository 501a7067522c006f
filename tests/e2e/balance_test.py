"""Several real upstreams behind one gateway: which of them gets a request."""

import collections
import json
import os
import threading
import time

import pytest

from harness import RawBackend, wait_until
from harness.dns import DnsServer
from harness.ports import free_port
from harness.raw_backend import UnixBackend, answering

# Ids and ports are random, and so is who lives where: of so many, that nobody lives with one of three
# endpoints is rarer than one in a million.
MANY = 40


@pytest.fixture
def trio():
    """Three services that answer with their letters."""
    services = {letter: RawBackend(answering(letter.encode())) for letter in "abc"}
    yield services
    for service in services.values():
        service.stop()


def upstream(services, weights=(), **more):
    urls = [service.url for service in services.values()]
    endpoints = [{"url": url, "weight": weight} for url, weight in zip(urls, weights)] + urls[len(weights):]
    return {"upstreams": {"app": {"endpoints": endpoints, **more}},
            "routes": [{"match": "/public/**", "auth": "none", "to": "app"}, {"match": "/**", "to": "app"}]}


def who(gateway, fields=(), target="/public/x"):
    answer = gateway.ask("GET", target, fields)
    assert answer.status == 200, answer
    return answer.body.decode()


def spread(client, count, fields=()):
    """How often each answers: one connection, and so one worker."""
    return collections.Counter(client.exchange("GET", "/public/x", fields).body.decode() for _ in range(count))


def reload_with(gateway, **settings):
    before = gateway.metric("gatehouse_config_generation")
    gateway.settings.update(settings)
    new = gateway.folder / "new.yaml"
    new.write_text(json.dumps(gateway.settings))
    os.replace(new, gateway.config_file)
    wait_until(lambda: gateway.metric("gatehouse_config_generation") == before + 1, "the reload", 30)


def test_weights_are_shares_and_a_weight_of_0_empties_an_endpoint(start_gateway, trio):
    gateway = start_gateway(**upstream(trio, [3, 2, 1]))
    with gateway.connect() as client:
        assert spread(client, 12) == {"a": 6, "b": 4, "c": 2}
        reload_with(gateway, **upstream(trio, [1, 0, 1]))
        assert spread(client, 12) == {"a": 6, "c": 6}
    # Whose weight has changed keeps its connections.
    assert {letter: len(service.exchanges) for letter, service in trio.items()} == {"a": 1, "b": 1, "c": 1}


def test_a_busy_endpoint_gets_less(start_gateway, trio):
    gateway = start_gateway(**upstream(trio, balance="least_requests"), workers=1)
    held = threading.Event()

    def slow(exchange):
        exchange.read_request()
        assert held.wait(60)
        exchange.respond(b"slow")
    trio["a"].behaviour = slow
    waiting = threading.Thread(target=lambda: who(gateway))
    waiting.start()
    trio["a"].wait_for_requests(1)
    with gateway.connect() as client:
        assert spread(client, 8) == {"b": 4, "c": 4}
    held.set()
    waiting.join(30)


def test_users_keep_their_endpoint_until_it_goes_and_nobody_else_moves(start_gateway, trio):
    gateway = start_gateway(**upstream(trio, balance="hash", hash_on="user"))
    users = [gateway.auth().register(f"user{number}") for number in range(MANY)]
    homes = [who(gateway, user.bearer, "/private") for user in users]
    assert len(set(homes)) == 3
    assert [who(gateway, user.bearer, "/private") for user in users] == homes
    # Nobody else's header makes a user.
    assert who(gateway, {**users[0].bearer, "X-User-Id": "someone"}, "/private") == homes[0]
    reload_with(gateway, **upstream(dict(reversed(trio.items())), balance="hash", hash_on="user"))
    assert [who(gateway, user.bearer, "/private") for user in users] == homes
    gone = homes[0]
    trio[gone].stop()
    after = [who(gateway, user.bearer, "/private") for user in users]
    assert gone not in after
    assert all(new == old for new, old in zip(after, homes) if old != gone)
    trio.pop(gone)
    # A request without a user goes to each in turn.
    with gateway.connect() as client:
        assert len(spread(client, 12)) == 2


def test_a_header_or_the_believed_address_may_be_the_key(start_gateway, trio):
    gateway = start_gateway(**upstream(trio, balance="hash", hash_on="header:X-Tenant"))
    tenants = {tenant: who(gateway, [("X-Tenant", tenant)]) for tenant in map(str, range(MANY))}
    assert set(tenants.values()) == {"a", "b", "c"}
    assert all(who(gateway, [("x-tenant", tenant)]) == home for tenant, home in tenants.items())
    reload_with(gateway, **upstream(trio, balance="hash", hash_on="address"))

    def homes():
        return {who(gateway, [("X-Forwarded-For", f"192.0.2.{number}")]) for number in range(MANY)}
    assert len(homes()) == 1  # the peer's own address: what it says of others is not believed
    reload_with(gateway, trusted_proxies=["127.0.0.0/8"])
    assert homes() == {"a", "b", "c"}


def cookie_of(answer):
    """Name, value and attributes of the sticky cookie."""
    cookies = [value for value in answer.all("Set-Cookie") if value.startswith("at=")]
    assert len(cookies) == 1, cookies
    pair, *attributes = cookies[0].split("; ")
    return pair.partition("=")[2], attributes


def test_a_browser_comes_back_to_its_endpoint(start_gateway, trio):
    for letter, service in trio.items():
        service.behaviour = answering(letter.encode(), fields={"Set-Cookie": "app=1; Path=/app"})
    gateway = start_gateway(**upstream(trio, sticky_cookie={"name": "at", "max_age": "1h"}))
    first = gateway.ask("GET", "/public/x")
    value, attributes = cookie_of(first)
    assert attributes == ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=3600"]
    assert first.all("Set-Cookie")[0] == "app=1; Path=/app"
    home = trio[first.body.decode()]
    assert str(home.port) not in value and "127.0.0.1" not in value
    cookie = [("Cookie", f"app=1; at={value}; other=2")]
    for _ in range(6):
        again = gateway.ask("GET", "/public/x", cookie)
        assert again.body == first.body and again.all("Set-Cookie") == ["app=1; Path=/app"]
        assert home.last.all("Cookie") == ["app=1; other=2"]
    # Who invents one, or brings two that differ, begins anew.
    for invented in ["at=x", f"at={value}; at=x", "at="]:
        assert cookie_of(gateway.ask("GET", "/public/x", [("Cookie", invented)]))
    home.stop()
    moved = gateway.ask("GET", "/public/x", cookie)
    assert moved.status == 200 and moved.body != first.body
    value, _ = cookie_of(moved)
    assert gateway.ask("GET", "/public/x", [("Cookie", f"at={value}")]).body == moved.body
    trio.pop(first.body.decode())


def test_no_upstream_writes_the_sticky_cookie_of_any(start_gateway, trio):  # headers.sticky_cookie
    written = ["at=evil; Path=/", "AT=evil", " at = evil", "=at=evil", "far=evil; Max-Age=9", "atlas=1", "b=at=2"]
    for letter, service in trio.items():
        service.behaviour = answering(letter.encode(), fields=[("Set-Cookie", value) for value in written])
    settings = upstream(trio, sticky_cookie={"name": "at"})
    settings["upstreams"]["far"] = {"endpoints": ["http://127.0.0.1:9"], "sticky_cookie": {"name": "far"}}
    settings["routes"].append({"match": "/direct", "auth": "none", "to": trio["a"].url})
    gateway = start_gateway(**settings)
    value, _ = cookie_of(gateway.ask("GET", "/public/x"))
    answer = gateway.ask("GET", "/public/x", [("Cookie", f"at={value}")])
    assert answer.all("Set-Cookie") == ["atlas=1", "b=at=2"], "its own pass as they are"
    assert gateway.ask("GET", "/direct").all("Set-Cookie") == ["atlas=1", "b=at=2"], "browsers send it there, too"
    plain = start_gateway(trio["a"])
    assert "at=evil; Path=/" in plain.ask("GET", "/public/x").all("Set-Cookie"), "nobody's name without one"


def test_the_sticky_cookie_is_secure_over_https_and_never_on_a_refusal(start_gateway, trio):
    gateway = start_gateway(**upstream(trio, sticky_cookie={"name": "at"}), trusted_proxies=["127.0.0.1"])
    _, attributes = cookie_of(gateway.ask("GET", "/public/x", [("X-Forwarded-Proto", "https")]))
    assert attributes == ["HttpOnly", "SameSite=Lax", "Path=/", "Secure"]
    refused = gateway.ask("GET", "/private")
    assert refused.status == 401 and refused.all("Set-Cookie") == []
    for service in trio.values():
        service.stop()
    unreachable = gateway.ask("GET", "/public/x")
    assert unreachable.status == 502 and unreachable.all("Set-Cookie") == []
    trio.clear()


def test_an_endpoint_may_be_a_unix_socket(start_gateway, tmp_path):
    path = tmp_path / "app.sock"
    service = UnixBackend(answering(b"by socket"), address=path)
    routes = [{"match": "/public/**", "auth": "none", "to": "app"},
              {"match": "/own/**", "auth": "none", "to": f"unix:{path}", "host_header": "upstream"}]
    gateway = start_gateway(upstreams={"app": {"endpoints": [f"unix:{path}"]}}, routes=routes)
    assert who(gateway, {"Host": "shop.example.com"}) == "by socket"
    assert service.last.all("Host") == ["shop.example.com"]
    assert who(gateway, {"Host": "shop.example.com"}, "/own/x") == "by socket"
    assert service.last.all("Host") == ["localhost"]
    checked = gateway.command("check", "--connect")
    assert f"ok      unix:{path}" in checked.stdout
    service.stop()
    assert gateway.ask("GET", "/public/x").status == 502
    refused = gateway.command("check", "--connect", check=False)
    assert f"FAILED  unix:{path}: Connection refused" in refused.stdout
    path.unlink()
    gone = gateway.command("check", "--connect", check=False)
    assert f"FAILED  unix:{path}: No such file or directory" in gone.stdout
    path.write_text("")
    other = gateway.command("check", "--connect", check=False)
    assert f"FAILED  unix:{path}: is a file and no socket" in other.stdout
    path.unlink()
    # A service that is back is found again.
    again = UnixBackend(answering(b"back"), address=path)
    assert who(gateway) == "back"
    again.stop()


def test_a_sandboxed_gateway_reaches_a_unix_socket(start_gateway, tmp_path):
    path = tmp_path / "elsewhere" / "app.sock"
    path.parent.mkdir()
    service = UnixBackend(answering(b"by socket"), address=path)
    gateway = start_gateway(sandbox="required", routes=[{"match": "/**", "auth": "none", "to": f"unix:{path}"}])
    assert who(gateway) == "by socket"
    service.stop()


class Pods:
    """Services on one port of several loopback addresses, and the DNS server that knows them."""

    def __init__(self, *addresses):
        self.port = free_port()
        self.services = {}
        self.dns = DnsServer()
        for address in addresses:
            self.start(address)
        self.publish(*addresses)

    def start(self, address):
        self.services[address] = RawBackend(answering(address.encode()), address=(address, self.port))

    def publish(self, *addresses):
        self.dns.zone = {"pods.test": addresses}

    def settings(self, **more):
        resolve = {"every": "1s", "expand": True, "server": self.dns.address}
        return {"upstreams": {"app": {"endpoints": [f"http://pods.test:{self.port}"], "resolve": resolve, **more}},
                "routes": [{"match": "/**", "auth": "none", "to": "app"}]}

    def stop(self):
        self.dns.stop()
        for service in self.services.values():
            service.stop()


@pytest.fixture
def pods():
    running = Pods("127.0.0.2", "127.0.0.3")
    yield running
    running.stop()


def answered_by(client, count):
    answers = [client.exchange("GET", "/x") for _ in range(count)]
    return {answer.body.decode() if answer.status == 200 else answer.status for answer in answers}


def test_a_headless_name_is_as_many_endpoints_as_it_has_addresses(start_gateway, pods):
    gateway = start_gateway(**pods.settings())
    with gateway.connect() as client:
        both = {"127.0.0.2", "127.0.0.3"}
        wait_until(lambda: answered_by(client, 4) == both, "the name to be known", 20)
        pods.start("127.0.0.4")
        pods.publish("127.0.0.2", "127.0.0.4")
        wait_until(lambda: answered_by(client, 4) == {"127.0.0.2", "127.0.0.4"}, "the new list", 20)
        # What went has no idle connection left, and what stayed has those it had.
        gone = pods.services["127.0.0.3"].exchanges
        wait_until(lambda: all(exchange.ended.is_set() for exchange in gone), "idle connections to close", 20)
        stayed = pods.services["127.0.0.2"].exchanges
        assert not any(exchange.ended.is_set() for exchange in stayed)
        # A look-up that fails, or finds nothing, takes nothing away.
        for trouble in ("broken", "zone"):
            asked = pods.dns.asked("pods.test")
            setattr(pods.dns, trouble, {} if trouble == "zone" else True)
            wait_until(lambda: pods.dns.asked("pods.test") >= asked + 4, "failing look-ups", 20)
            assert answered_by(client, 4) == {"127.0.0.2", "127.0.0.4"}
        def lost():
            return [line for line in gateway.process.whole_lines() if '"name_lost"' in line]
        wait_until(lost, "the line about it")
        assert len(lost()) == 1 and "pods.test" in lost()[0]


def test_a_request_at_an_address_that_goes_is_finished_there(start_gateway, pods):
    held = threading.Event()

    def slow(exchange):
        while exchange.read_request().target != "/slow":
            exchange.respond(b"127.0.0.3")
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
        assert held.wait(60)
        exchange.send(b"done")
    pods.services["127.0.0.3"].behaviour = slow
    pods.publish("127.0.0.3")
    gateway = start_gateway(**pods.settings())
    with gateway.connect() as client, gateway.connect() as other:
        wait_until(lambda: answered_by(client, 1) == {"127.0.0.3"}, "the name to be known", 20)
        client.request("GET", "/slow")
        wait_until(lambda: pods.services["127.0.0.3"].last.target == "/slow", "the request to arrive", 20)
        pods.publish("127.0.0.2")
        wait_until(lambda: answered_by(other, 2) == {"127.0.0.2"}, "the new list", 20)
        asked = pods.dns.asked("pods.test")
        wait_until(lambda: pods.dns.asked("pods.test") >= asked + 2, "the old address to be forgotten", 20)
        held.set()
        assert client.read_response().body == b"halfdone"
        assert answered_by(client, 2) == {"127.0.0.2"}


def test_a_name_that_moves_is_followed_without_expanding_it(start_gateway, pods):
    settings = pods.settings()
    settings["upstreams"]["app"]["resolve"]["expand"] = False
    pods.publish("127.0.0.2")
    gateway = start_gateway(**settings)
    with gateway.connect() as client:
        wait_until(lambda: answered_by(client, 1) == {"127.0.0.2"}, "the name to be known", 20)
        pods.publish("127.0.0.3")
        wait_until(lambda: answered_by(client, 1) == {"127.0.0.3"}, "the new address", 20)
        # A server that hangs holds up no request.
        pods.dns.silent = True
        asked = pods.dns.asked("pods.test")
        wait_until(lambda: pods.dns.asked("pods.test") > asked, "a look-up that hangs", 20)
        assert answered_by(client, 2) == {"127.0.0.3"}
        pods.dns.silent = False


def test_a_dns_server_of_this_machine_may_be_called_localhost(start_gateway, pods):
    settings = pods.settings()
    settings["upstreams"]["app"]["resolve"]["server"] = pods.dns.address.replace("127.0.0.1", "localhost")
    pods.publish("127.0.0.2")
    gateway = start_gateway(**settings)
    with gateway.connect() as client:
        wait_until(lambda: answered_by(client, 1) == {"127.0.0.2"}, "the name to be known", 20)


def test_checks_ask_where_a_name_leads_to_as_requests_do(start_gateway, pods):
    settings = pods.settings(health={"path": "/healthz", "interval": "1s", "timeout": "1s"})
    settings["upstreams"]["app"]["resolve"]["expand"] = False
    for address in ("127.0.0.2", "127.0.0.3"):
        pods.publish(address)
        service = pods.services[address]
        if address == "127.0.0.2":
            gateway = start_gateway(**settings)
        wait_until(lambda: any(request.target == "/healthz" for request in service.requests), "a check", 20)
    checked = gateway.command("check", "--connect").stdout
    assert f"ok      health of app at pods.test:{pods.port}\n" in checked


def test_a_name_follows_a_reload(start_gateway, pods):
    gateway = start_gateway(**pods.settings())
    with gateway.connect() as client:
        wait_until(lambda: len(answered_by(client, 4)) == 2, "the name to be known", 20)
        reload_with(gateway, **pods.settings(balance="least_requests"))
        assert answered_by(client, 4) == {"127.0.0.2", "127.0.0.3"}


def test_a_newcomer_gets_little_at_first(start_gateway, trio):
    heavy = [1000, 1000]  # so that seconds of an hour are seen
    old, new = ({letter: trio[letter] for letter in letters} for letters in ("a", "ab"))
    gateway = start_gateway(**upstream(old, heavy[:1], slow_start="1h"))
    began = time.monotonic()
    with gateway.connect() as client:
        assert spread(client, 4) == {"a": 4}
        wait_until(lambda: time.monotonic() > began + 2, "the first endpoint to be older")
        joined = time.monotonic()
        reload_with(gateway, **upstream(new, heavy, slow_start="1h"))
        share = spread(client, 20)
        # They share as their ages do, and the newcomer's is no more than this.
        age = time.monotonic() - joined
        assert share["b"] <= 20 * age / (joined - began + 2 * age) + 2, (share, age)
