"""Traefik and Envoy before /auth/verify. Neither can be run here, so their questions are written down as their documentation
has them, and what their files in deploy/provider let through and take away is asked of the files."""

import re

import pytest
import yaml

from corpus.identity import SPELLINGS, folded
from corpus.paths import NAMES_OF_A_PATH
from harness.fronts import PROVIDER, shipped_settings
from provider_test import BROWSER, LIES
from session_cookie_test import Browser

SIGNS = "!#$%&'*+.^_`|~-"
WHO_ASKS = [name for name in SPELLINGS if folded(name) == "x-user-id"] + [f"X{sign}User{sign}Id" for sign in SIGNS] + \
    [f"x-USER{sign}id" for sign in SIGNS]
FALSE_WAYS = ["X_Real_IP", "X.Real-Ip", "X-Real_Ip", "X_Forwarded_For", "x.forwarded.proto", "X-Forwarded_Host", "X_Forwarded-For", "X~Forwarded~Anything",
              *[name.replace("-", sign) for name in NAMES_OF_A_PATH for sign in "-_."]]
OWN_WORDS = ["X-Forwarded-For", "X-Forwarded-Proto", "Host", "Cookie", "X-Custom", "X-User-Identity",
             "X-Users-Id", "Content-Type", "Script-Source", "X-Request-Id"]


def middlewares():
    return yaml.safe_load((PROVIDER / "traefik.yml").read_text())["http"]


def envoy_filters():
    listener = yaml.safe_load((PROVIDER / "envoy.yaml").read_text())["static_resources"]["listeners"][0]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    return manager, {each["name"].rpartition(".")[2]: each["typed_config"] for each in manager["http_filters"]}


def allowed_by_envoy():
    _, filters = envoy_filters()
    return [pattern["exact"] for pattern in filters["ext_authz"]["allowed_headers"]["patterns"]]


def traefik_asks(method, target, fields=()):
    """ForwardAuth with trustForwardHeader off: a GET of its own, the client's fields but those of the connection, and
    X-Forwarded-* in its own words."""
    own = [("Host", "127.0.0.1:8080"), ("User-Agent", "client"), ("X-Forwarded-For", "203.0.113.9"),
           ("X-Forwarded-Host", "shop.test"), ("X-Forwarded-Method", method), ("X-Forwarded-Port", "80"),
           ("X-Forwarded-Proto", "http"), ("X-Forwarded-Server", "front-1"), ("X-Forwarded-Uri", target),
           ("X-Real-Ip", "203.0.113.9"), ("Accept-Encoding", "gzip")]
    hop_by_hop = {"connection", "keep-alive", "te", "trailers", "transfer-encoding", "upgrade", "host"}
    emptied = {name.lower() for name in middlewares()["middlewares"]["no-lies"]["headers"]["customRequestHeaders"]}
    taken = hop_by_hop | emptied | {name.lower() for name, _ in own}
    return "GET", "/auth/verify", own + [field for field in fields if field[0].lower() not in taken]


def envoy_asks(method, target, fields=()):
    """ext_authz over HTTP: the method, host and path of the request with path_prefix in front, no body, and the fields that
    the file allows; its client for that adds a few."""
    own = [("host", "shop.test"), ("content-length", "0"), ("x-envoy-internal", "true"), ("x-forwarded-for", "203.0.113.9,10.0.0.5"),
           ("x-forwarded-proto", "http"), ("x-envoy-expected-rq-timeout-ms", "5000")]
    allowed = set(allowed_by_envoy()) - {"x-forwarded-for", "x-forwarded-proto"}
    return method, "/auth/verify" + target, own + [field for field in fields if field[0].lower() in allowed]


ASKS = {"traefik": traefik_asks, "envoy": envoy_asks}


@pytest.fixture
def gateway(start_gateway):
    settings = shipped_settings()
    settings["routes"] += [{"match": "/old/**", "auth": "none", "redirect": {"to": "/public/{rest}?{query}"}},
                           {"match": "/mine/**", "redirect": {"to": "https://new.example/{rest}", "status": 302}}]
    return start_gateway(**settings)


@pytest.fixture(params=ASKS)
def ask(request, gateway):
    def asked(method, target, fields=()):
        method, target, fields = ASKS[request.param](method, target, list(fields))
        with gateway.connect() as client:
            # Each field as it stands here, Host among them.
            head = "".join(f"{name}: {value}\r\n" for name, value in fields)
            client.send(f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode())
            return client.read_response(method)
    asked.name = request.param
    return asked


def test_their_questions_are_answered(ask, gateway):
    pair = gateway.auth().register("ada")
    bearer = [*pair.bearer.items()]
    rows = [("GET", "/public/a?x=1", (), 200), ("GET", "/orders/7", (), 401), ("GET", "/orders/7?x=/../admin", bearer, 200),
            ("POST", "/orders/7", bearer, 200), ("DELETE", "/orders/7", (), 401), ("GET", "/admin/x", bearer, 403),
            ("GET", "/public/../admin/x", bearer, 403), ("GET", "/public/%2e%2e/admin/x", bearer, 403), ("GET", "/public/..%2fadmin", bearer, 403),
            ("GET", "/auth/me", bearer, 403), ("GET", "//evil.test/public/a", bearer, 403), ("GET", "/", bearer, 200),
            ("OPTIONS", "/orders/7", [("Origin", "http://evil.test"), ("Access-Control-Request-Method", "GET")], 401),
            ("GET", "/orders/7", [("Authorization", "Bearer not.a.token")], 401),
            ("GET", "/orders/7", [*bearer, *bearer], 401)]
    for method, target, fields, status in rows:
        answer = ask(method, target, fields)
        assert answer.status == status, (method, target, fields)
        known = status == 200 and bool(fields)
        assert answer.all("X-User-Id") == ([pair.user_id] if known else []), (method, target)
        removed = ",".join(answer.all("x-envoy-auth-headers-to-remove")).split(",")
        assert ("X-User-Id" in removed) == (ask.name == "envoy" and status == 200 and not known), (method, target)


def test_what_a_client_says_of_another_request_changes_nothing(ask, gateway):  # R20, R24
    pair = gateway.auth().register("ada")
    more = [("X-User-Id", "root"), ("X-Forwarded-Port", "443"), ("X-Original-Uri", "/public/a"), ("X-Real-Ip", "127.0.0.1")]
    for lie in [*([each] for each in LIES), LIES, more]:
        assert ask("GET", "/orders/7", lie).status in (401, 403), lie
        assert ask("GET", "/admin/x", [*lie, *pair.bearer.items()]).status == 403, lie
        answer = ask("GET", "/orders/7", [*lie, *pair.bearer.items()])
        assert answer.status == 200 and answer.all("X-User-Id") == [pair.user_id], lie
        assert ask("GET", "/public/a", lie).all("X-User-Id") == [], lie


def test_browsers_get_where_they_are_sent(ask):
    answer = ask("GET", "/orders/7?x=1", BROWSER)
    assert (answer.status, answer["Location"]) == (302, "/auth/portal/sign-in?return_to=/orders/7%3Fx%3D1")
    for method in ("GET", "POST"):
        answer = ask(method, "/old/a?x=1")
        assert (answer.status, answer["Location"], answer["Cache-Control"]) == (308, "/public/a?x=1", "no-store")
        assert answer.all("X-User-Id") == [] and answer.all("x-envoy-auth-headers-to-remove") == []
    assert ask("GET", "/mine/a").status == 401
    assert middlewares()["middlewares"]["gatehouse"]["forwardAuth"]["preserveLocationHeader"] is True


def test_pages_of_others_use_no_cookie(ask, gateway):
    ann = Browser(gateway).sign_up("ann")
    cookie = [("Cookie", "; ".join(f"{name}={value}" for name, value in ann.cookies.items()))]
    socket = [("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Upgrade", "websocket"), ("Connection", "Upgrade")]
    evil, own = ("Origin", "http://evil.example"), ("Origin", "http://shop.test")
    rows = [("GET", cookie, 200), ("GET", [*cookie, evil], 200), ("POST", [*cookie, evil], 403), ("POST", [*cookie, own], 200),
            ("POST", cookie, 403), ("POST", [*cookie, ("X-CSRF-Token", ann.cookies["csrf_token"])], 200),
            ("POST", [*cookie, ("Sec-Fetch-Site", "same-origin")], 200), ("POST", [*cookie, ("Sec-Fetch-Site", "cross-site")], 403),
            ("GET", [*cookie, *socket, evil], 403), ("GET", [*cookie, *socket], 403), ("GET", [*cookie, *socket, own], 200)]
    for method, fields, status in rows:
        assert ask(method, "/page", fields).status == status, (method, fields[1:])
    token = ann.cookies["access_token"]
    assert ask("GET", "/page", [*socket, ("Sec-WebSocket-Protocol", f"bearer, {token}, chat")]).status == 200


def removed_by_traefik(name):
    forward = middlewares()["middlewares"]["gatehouse"]["forwardAuth"]
    return re.search(forward["authResponseHeadersRegex"], "-".join(each.capitalize() for each in name.split("-")))


def removed_by_envoy(name):
    _, filters = envoy_filters()
    [mutation] = filters["header_mutation"]["mutations"]["request_mutations"]
    return re.fullmatch(mutation["remove_on_match"]["key_matcher"]["safe_regex"]["regex"], name.lower())


@pytest.mark.parametrize("removed", [removed_by_traefik, removed_by_envoy])
def test_the_files_take_away_what_a_service_could_believe(removed):  # R20
    for name in ("X-Forwarded-Host", "X-Real-Ip"):  # Traefik's own words, and nobody's at Envoy
        assert bool(removed(name)) == (removed is removed_by_envoy), name
    emptied = middlewares()["middlewares"]["no-lies"]["headers"]["customRequestHeaders"]
    assert removed_by_envoy("Forwarded") and "Forwarded" in emptied
    for name in [*WHO_ASKS, *FALSE_WAYS]:
        assert removed(name), name
    for name in OWN_WORDS:
        assert not removed(name), name


def test_the_files_ask_before_they_forward():
    http = middlewares()
    forward = http["middlewares"]["gatehouse"]["forwardAuth"]
    assert forward["trustForwardHeader"] is False and forward["address"].endswith("/auth/verify")
    assert http["routers"]["all"]["middlewares"] == ["no-lies", "gatehouse", "no-credentials"]
    assert "!PathPrefix(`/auth/verify`)" in http["routers"]["auth"]["rule"] and "middlewares" not in http["routers"]["auth"]
    for middleware in ("no-lies", "no-credentials"):
        assert set(http["middlewares"][middleware]["headers"]["customRequestHeaders"].values()) == {""}, "emptied is removed"

    manager, filters = envoy_filters()
    assert [*filters] == ["header_mutation", "ext_authz", "router"], "what a client says goes before anybody reads it"
    authz = filters["ext_authz"]
    assert authz["failure_mode_allow"] is False and authz["http_service"]["path_prefix"] == "/auth/verify"
    assert manager["use_remote_address"] is True and manager["path_with_escaped_slashes_action"] == "REJECT_REQUEST"
    [host] = manager["route_config"]["virtual_hosts"]
    assert [next(iter(route["match"].values())) for route in host["routes"]] == ["/auth/verify", "/auth/", "/"]
    assert "typed_per_filter_config" not in host["routes"][2] and host["request_headers_to_remove"] == ["authorization"]
    # What the decision reads, and nothing that names another request: Envoy names it by the request itself.
    assert {"cookie", "origin", "sec-fetch-site", "x-csrf-token", "sec-websocket-key", "sec-websocket-protocol"} < set(allowed_by_envoy())
    assert not [name for name in allowed_by_envoy() if removed_by_envoy(name) or re.match(
        "x-(original|forwarded-(uri|method|host)|user)|forwarded", name)]
