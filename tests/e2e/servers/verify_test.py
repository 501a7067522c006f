"""/auth/verify behind the proxies of deploy/provider, and each server behind those."""

import pytest

from corpus import paths
from corpus.identity import SPELLINGS, folded
from harness.fronts import FRONTS, Front, shipped_settings

# lighttpd turns all that is neither letter nor digit into `_`.
IDENTITY = [spelling for spelling in SPELLINGS if folded(spelling) == "x-user-id"] + \
    [f"X{sign}User{sign}Id" for sign in "!#$%&'*+^`|~"]


@pytest.fixture(params=sorted(FRONTS))
def front(request, tmp_path, start_gateway, server):
    gateway = start_gateway(**shipped_settings())
    running = Front(request.param, tmp_path, gateway, server)
    running.pair = gateway.auth().register("ada")
    yield running
    running.proxy.stop()


def test_no_field_reaches_a_server_around_the_proxy(front, server):  # R20, R24
    for name in [*IDENTITY, *paths.NAMES_OF_A_PATH, "SCRIPT.NAME"]:
        for target, bearer, expected in (("/public/x/y", (), []), ("/orders/7", front.pair.bearer.items(), [front.pair.user_id])):
            server.forget()
            answer = front.ask("GET", target, [(name, "/public"), *bearer, (name.upper(), "root")])
            if answer.status == 400:
                continue  # by whoever does not like the name
            assert answer.status in (200, 403), name
            for seen in server.seen():
                assert seen.path == target, (name, seen)
                assert seen.all("X-User-Id") == expected, (name, seen)
