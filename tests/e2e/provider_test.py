"""/auth/verify behind the proxies of deploy/provider: nginx, caddy and haproxy as they are shipped, but for ports."""

import pytest

from corpus.identity import SPELLINGS, folded
from harness.fronts import FRONTS, Front, shipped_settings, with_ports
from harness.haproxy import Haproxy
from harness.ports import free_port
from harness.raw_client import ConnectionEnded, RawClient

BROWSER = [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate")]

# What a client says to be somebody else, or to ask for something else.
LIES = [
    ("X-User-Id", "root"), ("x-user-id", "root"), ("X_User_Id", "root"), ("X-User_Id", "root"),
    ("X-Original-URL", "/public/a"), ("X-Original-URI", "/public/a"), ("X-Original-Method", "OPTIONS"),
    ("X-Forwarded-Uri", "/public/a"), ("X-Forwarded-Method", "OPTIONS"), ("X-Forwarded-Host", "evil.test"),
    ("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Prefix", "/public"),
    ("Forwarded", "for=198.51.100.1;host=evil.test"), ("X-Real-IP", "198.51.100.1"),
    ("X-Rewrite-URL", "/public/a"), ("X-HTTP-Method-Override", "OPTIONS"),
    ("Connection", "X-User-Id, X-Forwarded-Uri, X-Original-URL"),
]


@pytest.fixture
def gateway(start_gateway):
    return start_gateway(**shipped_settings())


@pytest.fixture(params=sorted(FRONTS))
def front(request, tmp_path, gateway, backend):
    running = Front(request.param, tmp_path, gateway, backend)
    yield running
    running.proxy.stop()


def test_requests_go_on_as_gatehouse_says(front, gateway, backend):
    pair = gateway.auth().register("ada")
    assert front.ask("GET", "/public/a?x=1").status == 200
    assert backend.last.all("X-User-Id") == [] and backend.last.target == "/public/a?x=1"
    refused = front.ask("GET", "/orders/7")
    assert refused.status == 401 and refused["WWW-Authenticate"].startswith("Bearer")
    assert front.ask("GET", "/orders/7", pair.bearer.items()).status == 200
    assert backend.last.all("X-User-Id") == [pair.user_id]
    assert backend.last.all("Authorization") == []
    assert front.ask("GET", "/admin/x", pair.bearer.items()).status == 403
    seen = len(backend.requests)
    posted = front.ask("POST", "/orders", [*pair.bearer.items(), ("Content-Type", "text/plain")], b"hello")
    assert posted.status == 200 and backend.last.body == b"hello" and len(backend.requests) == seen + 1
    assert front.ask("GET", "/orders/7", [("Authorization", "Bearer not.a.token")]).status == 401


def test_no_client_speaks_for_the_proxy(front, gateway, backend):  # R20, R24
    pair = gateway.auth().register("ada")
    for lie in [*([each] for each in LIES), LIES]:
        names = [name for name, _ in lie]
        backend.requests.clear()
        assert front.ask("GET", "/orders/7", lie).status in (400, 401, 403), names
        assert front.ask("GET", "/admin/x", [*lie, *pair.bearer.items()]).status in (400, 403), names
        assert backend.requests == [], names
        for target, expected in (("/public/a", []), ("/orders/7", [pair.user_id])):
            if front.ask("GET", target, [*lie, *pair.bearer.items()]).status != 200:
                continue  # a contradiction: refused is good as well
            assert "root" not in [value for name, value in backend.last.fields
                                  if name.lower().replace("_", "-") == "x-user-id"], names
            assert backend.last.all("X-User-Id") == expected, names


def test_nobody_gets_in_by_what_he_speaks(front, gateway, backend):  # refusal.grpc_of_upstreams
    """gRPC finds its status in a 200, which to these proxies means yes."""
    pair = gateway.auth().register("ada")
    for kind in ("application/grpc", "application/grpc-web+proto", "Application/gRPC"):
        for method in ("GET", "POST"):
            assert front.ask(method, "/orders/7", [("Content-Type", kind)], b"").status == 401, kind
            assert front.ask(method, "/orders/7", [("Content-Type", kind), ("Authorization", "Bearer x.y.z")], b"").status == 401, kind
            assert front.ask(method, "/admin/x", [("Content-Type", kind), *pair.bearer.items()], b"").status == 403, kind
    preflight = [("Origin", "http://good.test"), ("Access-Control-Request-Method", "GET")]
    assert front.ask("OPTIONS", "/orders/7", preflight).status == 401
    assert backend.requests == []


def test_no_number_of_fields_ends_the_proxy(front, gateway, backend):
    """HAProxy's client for questions of its own crashes with as many fields as a request may have: one request was enough."""
    bearer = [*gateway.auth().register("ada").bearer.items()]
    for count in (60, *range(70, 104)):
        for name in ("H{}", "Same"):
            try:
                answer = front.ask("GET", "/orders/7", [*bearer, *((name.format(i), "x") for i in range(count))])
            except ConnectionEnded:
                continue  # by a proxy that takes no more of them
            assert answer.status in ((200,) if count == 60 else (200, 400, 431, 500)), count
    assert front.ask("GET", "/orders/7", bearer).status == 200


def test_nobody_traces_or_tunnels(front, gateway, backend):  # R7, verify.method
    bearer = [*gateway.auth().register("ada").bearer.items()]
    for method, target in (("TRACE", "/public/a"), ("CONNECT", "/public/a"), ("connect", "/public/a"), ("CONNECT", "gateway.test:80")):
        assert front.ask(method, target, bearer).status >= 400, method
    assert backend.requests == []


def test_no_spelling_of_a_name_is_believed(front, gateway, backend):  # R20
    pair = gateway.auth().register("ada")
    names = [name for name in SPELLINGS if folded(name) == "x-user-id"] + [f"X{sign}User{sign}Id" for sign in "!#$%&'*+.^_`|~"]
    for name in names:
        for target, bearer, expected in (("/public/a", (), []), ("/orders/7", pair.bearer.items(), [pair.user_id])):
            backend.requests.clear()
            answer = front.ask("GET", target, [(name, "root"), *bearer, (name.upper(), "root")])
            if answer.status == 400:
                continue  # by whoever does not like the name
            assert answer.status == 200, name
            assert [value for each, value in backend.last.fields if folded(each) == "x-user-id"] == expected, name


def test_what_is_judged_is_what_goes_on(front, backend):  # verify.host
    # To nginx the target of the first is `/` with a query, and the URL that it asks with has no path.
    for target in ("http://gateway.test?x=/public/a", "http://gateway.test#/public/a", "http://x@gateway.test/public/a/../../orders"):
        assert front.ask("GET", target).status in (400, 401, 403), target
    for host in ("gateway.test?x=", "gateway.test#", "x@gateway.test", "gateway.test?/public"):
        assert front.ask("GET", "/orders/7", [("Host", host)]).status >= 400, host
    assert backend.requests == []


def test_no_path_goes_on_that_others_may_resolve(front, gateway, backend):  # R23, verify.path
    """The proxies forward it as it came: to a service that resolves nothing, what is judged as /public/a is in /admin."""
    pair = gateway.auth().register("ada")
    for target in ("/admin/../public/a", "/admin/%2e%2e/public/a", "/admin/./../public/a", "//public/a", "/public//a", "/public/b/.%2E/a",
                   "/admin/x/../../orders/7", "/orders/7/.", "http://gateway.test//public/a"):
        for bearer in ((), pair.bearer.items()):
            assert front.ask("GET", target, list(bearer)).status in (400, 401, 403), target
    assert backend.requests == []
    assert front.ask("GET", "/public/a/?next=/../b//c").status == 200


def test_no_service_gets_what_a_route_sends_on(tmp_path, start_gateway, backend):  # verify.redirect
    settings = shipped_settings()
    settings["routes"] += [{"match": "/old/**", "auth": "none", "redirect": {"to": "/public/{rest}"}}]
    gateway = start_gateway(**settings)
    for name in sorted(FRONTS):
        running = Front(name, tmp_path, gateway, backend)
        try:
            answer = running.ask("GET", "/old/a")
        finally:
            running.proxy.stop()
        if name == "nginx":
            assert answer.status == 403
        else:
            assert (answer.status, answer["Location"]) == (308, "/public/a"), name
    assert backend.requests == []


def test_browsers_are_sent_to_sign_in_where_the_proxy_can(front):
    answer = front.ask("GET", "/orders/7?x=1", BROWSER)
    if front.name == "nginx":
        assert answer.status == 401
    else:
        assert answer.status == 302
        assert answer["Location"] == "/auth/portal/sign-in?return_to=/orders/7%3Fx%3D1"
        assert front.ask("POST", "/orders/7", BROWSER, b"").status == 401
    assert front.ask("GET", "/auth/portal/sign-in", BROWSER).status == 200


def test_the_verdict_is_not_for_clients(front, gateway):
    pair = gateway.auth().register("ada")
    for target in ("/auth/verify", "/auth/verify/orders"):
        assert front.ask("GET", target, pair.bearer.items()).status == 404
    for target in ("/auth//verify", "//auth/verify", "/auth/./verify", "/auth/x/../verify", "/auth/%76erify", "/auth/%2e/verify",
                   "/auth//verify/orders", "/auth/x/%2e%2e/verify/orders", "/public/../auth/verify"):
        assert front.ask("GET", target, pair.bearer.items()).status in (400, 403, 404), target
    login = front.ask("POST", "/auth/login", [("Content-Type", "application/json")],
                      b'{"username": "ada", "password": "wrong password"}')
    assert login.status == 401 and login.error_code() == "invalid_credentials"


def test_without_gatehouse_nobody_goes_on(front, gateway, backend):
    gateway.stop()
    for target in ("/public/a", "/orders/7"):
        assert front.ask("GET", target).status >= 500
    assert backend.requests == []
    gateway.start()


def test_a_script_that_fails_lets_nobody_through(tmp_path, gateway, backend):
    port = free_port()
    text = with_ports("haproxy.cfg", port, gateway, backend)
    (tmp_path / "gatehouse.lua").write_text('core.register_action("gatehouse", {"http-req"}, function() error("broken") end, 1)')
    proxy = Haproxy(tmp_path, text, port)
    try:
        with RawClient(port) as client:
            assert client.exchange("GET", "/orders/7").status == 503
        assert backend.requests == []
    finally:
        proxy.stop()


def envoy(method, target, host="shop.test", fields=()):
    """What Envoy asks: the original request, behind the path of the call."""
    return method, "/auth/verify" + target, [("Host", host), *fields]


def test_envoy_asks_with_the_request_itself(gateway):
    pair = gateway.auth().register("ada")
    token = [*pair.bearer.items()]
    rows = [("GET", "/public/a", (), 200), ("GET", "/orders/7?x=1", (), 401), ("GET", "/orders/7", token, 200),
            ("POST", "/orders/7", token, 200), ("GET", "/admin/x", token, 403), ("GET", "/", token, 200),
            # Dots are the original's, and lead nowhere out of its path.
            ("GET", "/../me", token, 403), ("GET", "/../portal/sign-in", (), 403), ("GET", "/../../public/a", (), 403),
            ("GET", "/public/../admin/x", token, 403), ("GET", "/auth/me", token, 403),
            ("GET", "/orders/7", [("X-Forwarded-Uri", "/public/a")], 403),
            ("GET", "/orders/7", [("X-Original-URL", "/public/a")], 403),
            ("GET", "/orders/7", [("X-Forwarded-Method", "OPTIONS")], 403),
            ("GET", "/orders/7", [("X-Forwarded-Host", "evil.test")], 403)]
    for method, target, fields, status in rows:
        answer = gateway.ask(*envoy(method, target, fields=fields))
        assert answer.status == status, (method, target, fields)
        if status == 200 and fields:
            assert answer["X-User-Id"] == pair.user_id
            assert "X-User-Id" not in answer["x-envoy-auth-headers-to-remove"].split(",")
        elif status == 200:
            assert "X-User-Id" in answer["x-envoy-auth-headers-to-remove"].split(",")
    browser = gateway.ask(*envoy("GET", "/orders/7", fields=BROWSER))
    assert browser.status == 302 and browser["Location"].startswith("/auth/portal/sign-in?return_to=/orders")


def test_nobody_else_asks_so(start_gateway, backend):
    gateway = start_gateway(backend)
    pair = gateway.auth().register("ada")
    assert gateway.ask(*envoy("GET", "/public/a", fields=pair.bearer.items())).status == 404

