"""Routes with `cache` answer with what is kept, and nobody gets what is somebody else's."""

import collections
import json
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import RawBackend, wait_until


class Shop:
    """Says who asked and how often it was asked, and lets its answers be kept as the test wants."""

    def __init__(self):
        self.told, self.status, self.asked = "public, max-age=60", "200 OK", collections.Counter()
        self.gate, self.dead = threading.Event(), threading.Event()
        self.gate.set()
        self.backend = RawBackend(self._serve)

    def _serve(self, exchange):
        while True:
            request = exchange.read_request()
            self.asked[request.target] += 1
            self.gate.wait(20)
            if self.dead.is_set():
                return
            fields = {"ETag": '"same"'}
            if self.told:
                fields["Cache-Control"] = self.told
            body = json.dumps({"user": next(iter(request.all("X-User-Id")), None), "count": self.asked[request.target]}).encode()
            exchange.respond(body, self.status, fields)


@pytest.fixture
def shop():
    running = Shop()
    yield running
    running.backend.stop()


@pytest.fixture
def start(start_gateway, shop):
    def go(cache=None, auth="optional", **settings):
        route = {"match": "/**", "auth": auth, "to": shop.backend.url, "cache": cache or {}}
        return start_gateway(shop.backend, routes=[route], **settings)
    return go


def test_a_hit_needs_no_upstream(start, shop):
    gateway = start()
    first, second = gateway.ask("GET", "/a"), gateway.ask("GET", "/a")
    assert first.body == second.body
    assert (first["Cache-Status"], second["Cache-Status"].split(";")[1]) == ("gatehouse; fwd=miss; stored", " hit")
    assert int(second["Age"]) >= 0
    assert gateway.ask("GET", "/a", {"If-None-Match": '"same"'}).status == 304
    assert gateway.ask("HEAD", "/a")["Content-Length"] == str(len(first.body))
    assert shop.asked["/a"] == 1
    gateway.wait_for_metric(3, "gatehouse_cache_requests_total", cache="hit")
    wait_until(lambda: any('"cache":"hit"' in line for line in gateway.process.lines()), "a line that says so")


def test_users_get_their_own_and_only_while_they_may(start, shop):
    shop.told = "max-age=60"
    gateway = start(auth="required")
    people = gateway.auth()
    ada, eve = people.register("ada"), people.register("eve")

    def seen(pair):
        return gateway.ask("GET", "/me", pair.bearer)

    assert [seen(ada).json()["user"] for _ in range(2)] == [ada.user_id] * 2
    assert [seen(eve).json()["user"] for _ in range(2)] == [eve.user_id] * 2
    assert shop.asked["/me"] == 2
    people.logout(ada)
    assert seen(ada).status == 401
    again = people.login("ada")
    assert seen(again).json()["user"] == ada.user_id
    assert seen(eve).json()["user"] == eve.user_id


def test_many_at_once_are_one_request(start, shop):
    gateway = start()
    shop.gate.clear()
    with ThreadPoolExecutor(12) as crowd:
        asking = [crowd.submit(gateway.ask, "GET", "/hot") for _ in range(12)]
        wait_until(lambda: shop.asked["/hot"] == 1, "the first one is there")
        shop.gate.set()
        assert len({each.result().body for each in asking}) == 1
    assert shop.asked["/hot"] == 1


def test_an_outage_is_bridged(start, shop):
    shop.told = "public, max-age=0"
    gateway = start({"stale_if_error": "1h"})
    good = gateway.ask("GET", "/a").body
    shop.status = "503 Sick"
    assert gateway.ask("GET", "/a").body == good
    shop.dead.set()
    assert gateway.ask("GET", "/a").body == good
    assert gateway.ask("GET", "/never").status == 502


def test_a_stale_answer_is_revalidated_behind_the_clients_back(start, shop):
    shop.told = "public, max-age=0"
    gateway = start({"stale_while_revalidate": "1h"})
    assert gateway.ask("GET", "/a").json()["count"] == 1
    shop.gate.clear()
    assert [gateway.ask("GET", "/a").json()["count"] for _ in range(5)] == [1] * 5
    wait_until(lambda: shop.asked["/a"] == 2, "one request of the gateway's own")
    shop.told = "public, max-age=60"
    shop.gate.set()
    wait_until(lambda: gateway.ask("GET", "/a").json()["count"] == 2, "the new answer")
    assert shop.asked["/a"] == 2
    gateway.wait_for_metric(1, "gatehouse_cache_revalidations_total")
    # One that is under way keeps nobody from ending.
    shop.told = "public, max-age=0"
    gateway.ask("GET", "/b")
    shop.gate.clear()
    assert gateway.ask("GET", "/b").json()["count"] == 1
    wait_until(lambda: shop.asked["/b"] == 2, "it is under way")
    gateway.signal(signal.SIGTERM)
    assert gateway.process.wait(10) == 0
    shop.gate.set()


def test_a_reload_begins_afresh(start, shop):
    gateway = start()
    gateway.ask("GET", "/a")
    assert gateway.ask("GET", "/a").json()["count"] == 1
    gateway.settings["routes"][0]["cache"] = {"max_body": "1KiB"}
    gateway.write_config()
    gateway.signal(signal.SIGHUP)
    wait_until(lambda: gateway.ask("GET", "/a").json()["count"] == 2, "what was kept is gone")


def test_what_is_purged_is_gone_everywhere_and_does_not_come_back(start, shop):
    gateway = start(workers=2)

    def seen(path):
        return gateway.ask("GET", path).json()["count"]

    def purged(*options):
        return gateway.command("cache", "purge", *options).stdout.split()

    paths = ["/a", "/a?x=1", "/a/b", "/c"]
    assert [seen(path) for path in paths * 2] == [1] * 8
    assert purged("--path", "/a") == ["purged:", "2"]
    # Twice: the second of them is a hit, and so the first is kept.
    assert [seen(path) for path in paths * 2] == [2, 2, 1, 1] * 2
    assert purged("--path", "/a/**", "--host", "nobody.example") == ["purged:", "0"]
    assert purged("--route", "/**", "--path", "/a/**") == ["purged:", "3"]
    assert purged() == ["purged:", "1"]
    assert [seen(path) for path in paths * 2] == [3, 3, 2, 2] * 2
    unknown = gateway.command("cache", "purge", "--route", "/d", check=False)
    assert unknown.returncode == 1 and "route" in unknown.stderr
    assert gateway.command("cache", "purge", "--path", "", check=False).returncode == 2

    shop.gate.clear()
    with ThreadPoolExecutor(1) as one:
        fetching = one.submit(seen, "/slow")
        wait_until(lambda: shop.asked["/slow"] == 1, "it is on its way")
        assert purged() == ["purged:", "4"]
        shop.gate.set()
        assert fetching.result() == 1
    assert seen("/slow") == 2
