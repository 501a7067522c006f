"""Any mixture of fields, methods and targets behind the proxies of deploy/provider: no guarded path is served to a stranger,
nor one for a role to who lacks it. Each field alone has its row in provider_test.py; here they meet."""

import os
import random

import pytest

from corpus.identity import folded
from harness.fronts import FRONTS, Front, shipped_settings
from harness.raw_client import ConnectionEnded, RawClient

NAMES = ["Content-Type", "Accept", "Origin", "Access-Control-Request-Method", "Upgrade", "Connection", "Sec-WebSocket-Key",
         "Sec-WebSocket-Version", "Sec-WebSocket-Protocol", "TE", "Trailer", "Range", "If-None-Match", "Cookie", "X-Forwarded-Uri",
         "X-Forwarded-Method", "X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "X-Original-URL", "X-Original-URI",
         "X-Original-Method", "X-User-Id", "X_User_Id", "X.User.Id", "Forwarded", "X-HTTP-Method-Override", "X-Rewrite-URL",
         "Script-Name", "Via", "X-Real-IP", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Keep-Alive", "Http2-Settings", "Max-Forwards"]
VALUES = ["application/grpc", "application/grpc-web", "text/html", "http://good.test", "GET", "OPTIONS", "websocket", "Upgrade",
          "upgrade, x-user-id", "keep-alive, X-User-Id", "h2c", "dGhlIHNhbXBsZSBub25jZQ==", "13", "bearer, x.y.z", "trailers",
          "bytes=0-0", "*", "access_token=x", "/public/a", "/auth/verify", "http://gateway.test/public/a", "127.0.0.1", "https",
          "root", "for=127.0.0.1;host=x;proto=https", "", "a, b", "navigate", "cross-site", "x" * 3000]
METHODS = ["GET", "GET", "POST", "OPTIONS", "HEAD", "PUT", "DELETE", "get", "PROPFIND"]
GUARDED = ["/orders/7", "/", "/orders?x=/public/a", "/orders/..%2fpublic", "/orders/../public/a", "//public/../orders",
           "/auth/../orders", "/auth/%2e%2e/orders", "/auth;/../orders", "/public/..%3b/orders", "/PUBLIC/a", "/public%2fa", "/_auth",
           "/%5fauth", "http://gateway.test/orders", "/public/../orders"]
REQUESTS = 500


@pytest.mark.parametrize("name", sorted(FRONTS))
def test_no_mixture_opens_what_is_guarded(name, tmp_path, start_gateway, backend):
    settings = shipped_settings()
    cors = {"origins": ["http://good.test"]}
    settings["routes"] = [{**route, "cors": cors} for route in settings["routes"]]
    gateway = start_gateway(**settings, auth={"cors": cors})
    bearer = [*gateway.auth().register("ada").bearer.items()]
    front = Front(name, tmp_path, gateway, backend)
    seed = int(os.environ.get("MUTATION_SEED", random.randrange(1 << 32)))
    chance = random.Random(seed)
    try:
        for _ in range(REQUESTS):
            method, fields = chance.choice(METHODS), [(chance.choice(NAMES), chance.choice(VALUES)) for _ in range(chance.randrange(6))]
            known = chance.random() < 0.3
            target = "/admin/x" if known else chance.choice(GUARDED)
            mixture = f"MUTATION_SEED={seed}: {method} {target} {fields}"
            with RawClient(front.port) as client:
                try:
                    answer = client.exchange(method, target, [*fields, *bearer] if known else fields)
                except ConnectionEnded:
                    continue
            assert answer.status >= 302, mixture
            assert backend.requests == [], mixture
        assert front.ask("GET", "/orders/7", bearer).status == 200
        assert [value for each, value in backend.last.fields if folded(each) == "x-user-id"] != [], "it still works"
    finally:
        front.proxy.stop()
