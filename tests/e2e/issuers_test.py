"""Tokens of other issuers, from a server that publishes its keys and does not always behave."""

import json
import time

import pytest

from harness import wait_until
from harness.certificates import Authority, trusted_by_the_system
from harness.issuer import Issuer, SigningKey
from harness.websocket import CLOSE, TEXT, WebSocketClient, echoing


@pytest.fixture
def issuer():
    with Issuer() as running:
        yield running


@pytest.fixture
def start(start_gateway, backend):
    def started(issuer, wait=True, **settings):
        named = settings.pop("named", {"idp": issuer.settings()})
        routes = [{"match": "/both/**", "to": backend.url, "issuers": ["own", "idp"]},
                  {"match": "/theirs/**", "to": backend.url, "issuers": ["idp"]},
                  {"match": "/admin/**", "to": backend.url, "issuers": ["own", "idp"], "auth": {"roles": ["admin"]}},
                  {"match": "/**", "to": backend.url}]
        gateway = start_gateway(issuers=named, routes=settings.pop("routes", routes), **settings)
        if wait:
            wait_until(lambda: gateway.metric("gatehouse_issuer_keys", issuer="idp") > 0, "the keys of the issuer")
        return gateway
    return started


def ask(gateway, target, bearer):
    return gateway.ask("GET", target, bearer)


def status(gateway, target, bearer):
    return ask(gateway, target, bearer).status


def events(gateway, name):
    lines = [json.loads(line) for line in gateway.process.whole_lines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == name]


def test_a_route_believes_whom_it_names(start, issuer, backend):
    gateway = start(issuer)
    ada = gateway.auth().register("ada")
    anna = issuer.bearer()
    for _ in range(3):
        assert ask(gateway, "/both/1", anna).status == 200
        assert backend.last.all("X-User-Id") == ["idp:anna"]
        assert backend.last.all("X-Session-Id") == [] and backend.last.all("Authorization") == []
        assert status(gateway, "/theirs/1", anna) == 200
        refused = ask(gateway, "/private", anna)
        assert (refused.status, refused.error_code()) == (401, "token_invalid")
        assert status(gateway, "/both/1", ada.bearer) == status(gateway, "/private", ada.bearer) == 200
        assert status(gateway, "/theirs/1", ada.bearer) == 401
    gateway.wait_for_access(lambda line: line.get("user_id") == "idp:anna", "the user in the log")


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256"])
def test_tokens_that_others_sign_are_good(start, issuer, algorithm):
    issuer.rotate("only", algorithm)
    gateway = start(issuer, named={"idp": issuer.settings(algorithms=[algorithm])})
    assert status(gateway, "/theirs/1", issuer.bearer()) == 200
    for bad in ({"aud": "others"}, {"aud": None}, {"exp": 1}, {"exp": None}, {"iss": "gatehouse"},
                {"nbf": int(time.time()) + 600}, {"header": {"typ": "logout+jwt"}}, {"header": {"crit": ["exp"]}},
                {"header": {"jku": issuer.url + "/keys"}}, {"header": {"alg": "HS256"}}, {"header": {"alg": "none"}},
                {"key": SigningKey("only", algorithm)}, {"subject": ""}):
        assert status(gateway, "/theirs/1", issuer.bearer(**bad)) == 401, bad
    assert not [path for path in issuer.asked if path not in ("/keys", "/.well-known/openid-configuration")]


def test_nothing_of_ours_is_theirs(start, issuer, backend):
    gateway = start(issuer, identity={"session_header": True, "roles_header": True, "signed": {}})
    auth = gateway.auth()
    ada = auth.register("ada")
    gateway.command("user", "set-roles", "ada", "admin")
    # A subject that is our user's id is another user.
    twin = issuer.bearer(ada.user_id, roles=["admin"], sid="x")
    assert status(gateway, "/both/1", twin) == 200
    assert backend.last.all("X-User-Id") == [f"idp:{ada.user_id}"]
    assert backend.last.all("X-User-Roles") in ([], [""]) and backend.last.all("X-Session-Id") == []
    assert status(gateway, "/admin/1", twin) == 403
    for method, target in (("GET", "/auth/me"), ("GET", "/auth/sessions"), ("POST", "/auth/logout-all"),
                           ("GET", "/auth/verify"), ("GET", "/auth/api-keys")):
        assert gateway.ask(method, target, twin).status == 401, target
    gateway.command("user", "block", "ada")
    assert status(gateway, "/both/1", twin) == 200, "another user"
    fields = [("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", "/both/1"), *twin.items()]
    trusted = start(issuer, trusted_proxies=["127.0.0.0/8"])
    answer = trusted.ask("GET", "/auth/verify", fields)
    assert answer.status == 200 and ("X-User-Id", f"idp:{ada.user_id}") in answer.fields
    fields[1] = ("X-Forwarded-Uri", "/private")
    assert trusted.ask("GET", "/auth/verify", fields).status == 401


def test_a_subject_never_breaks_the_head(start, issuer, backend):
    gateway = start(issuer)
    for subject in ("a\r\nX-User-Id: root", "auth0|1", "a,b", "x" * 65, ".root", "ünïcödé"):
        assert status(gateway, "/theirs/1", issuer.bearer(subject)) == 200
        told, = backend.last.all("X-User-Id")
        assert told.startswith("idp:.") and len(told) == 37
        assert b"root" not in backend.last.raw_head


def test_roles_and_claims_count_where_they_are_mapped(start, issuer, backend):
    named = {"idp": issuer.settings(roles_from="realm_access.roles", roles={"admin": ["shop-admin"]},
                                    told_claims=["email"])}
    headers = [{"name": "X-User-Email", "claim": "email"}, {"name": "X-Subject", "claim": "sub"}]
    gateway = start(issuer, named=named, identity={"headers": headers, "roles_header": True})
    admin = issuer.bearer(realm_access={"roles": ["shop-admin", "other"]}, email="anna@example.com")
    assert status(gateway, "/admin/1", admin) == 200
    assert backend.last.all("X-User-Roles") == ["admin"]
    assert backend.last.all("X-User-Email") == ["anna@example.com"]
    assert backend.last.all("X-Subject") == ["idp:anna"]
    assert status(gateway, "/admin/1", issuer.bearer(roles=["admin"])) == 403


def test_a_rotation_needs_no_restart(start, issuer):
    gateway = start(issuer)
    before = issuer.bearer()
    assert status(gateway, "/theirs/1", before) == 200
    issuer.rotate("second")
    after = issuer.bearer()
    wait_until(lambda: status(gateway, "/theirs/1", after) == 200, "the new key")
    wait_until(lambda: all(status(gateway, "/theirs/1", before) == 401 for _ in range(8)), "the end of the old key")
    wait_until(lambda: events(gateway, "issuer_keys"), "the line that tells of them")


def test_made_up_keys_buy_no_fetches(start, issuer):
    gateway = start(issuer, named={"idp": issuer.settings(jwks={"cooldown": "1m"})})
    asked = len(issuer.asked)
    for i in range(200):
        assert status(gateway, "/theirs/1", issuer.bearer(header={"kid": f"made-up-{i}"})) == 401
    assert len(issuer.asked) == asked
    assert status(gateway, "/theirs/1", issuer.bearer()) == 200


@pytest.mark.parametrize("behaviour", ["down", "hang", "garbage", "huge", "redirect", "empty"])
def test_keys_outlive_an_issuer_that_misbehaves(start, issuer, behaviour):
    gateway = start(issuer, named={"idp": issuer.settings(jwks={"refresh": "1s", "timeout": "300ms"})})
    issuer.behave = behaviour
    failed = gateway.metric("gatehouse_issuer_fetches_total", issuer="idp", result="failed")
    wait_until(lambda: gateway.metric("gatehouse_issuer_fetches_total", issuer="idp", result="failed") > failed,
               "a fetch that fails")
    assert status(gateway, "/theirs/1", issuer.bearer()) == 200
    assert "/elsewhere" not in issuer.asked
    wait_until(lambda: events(gateway, "issuer_silent"), "a line in the log")
    issuer.behave = "well"
    wait_until(lambda: events(gateway, "issuer_heard")[1:], "the issuer to be heard again")


def test_nobody_is_forged_while_an_issuer_never_answered(start, issuer, backend):
    issuer.behave = "hang"
    gateway = start(issuer, wait=False)
    answer = ask(gateway, "/theirs/1", issuer.bearer())
    assert (answer.status, answer.error_code()) == (503, "store_unavailable")
    ada = gateway.auth().register("ada")
    assert status(gateway, "/both/1", ada.bearer) == 200, "others do not wait for it"


def test_an_issuer_that_hangs_delays_no_other(start, issuer):
    with Issuer() as silent:
        silent.behave = "hang"
        slow = silent.settings(jwks={"timeout": "1m"})
        gateway = start(issuer, named={"a-slow-one": slow, "idp": issuer.settings(), "slower": {**slow, "issuer": silent.url + "/x"}})
        wait_until(lambda: len(silent.asked) == 2, "both to be asked")
        for kid in ("second", "third"):
            issuer.rotate(kid)
            wait_until(lambda: status(gateway, "/theirs/1", issuer.bearer()) == 200, "the new key")
        assert len(silent.asked) == 2, "and they are still asked for the first time"
        gateway.stop()


def test_keys_do_not_count_for_ever(start, issuer):
    gateway = start(issuer, named={"idp": issuer.settings(jwks={"refresh": "1s", "stale_for": "5s"})})
    anna = issuer.bearer()
    wait_until(lambda: status(gateway, "/theirs/1", anna) == 200, "a token that is believed")
    issuer.behave = "down"
    wait_until(lambda: all(status(gateway, "/theirs/1", anna) == 503 for _ in range(8)), "the keys to be too old")
    gateway.wait_for_metric(0, "gatehouse_issuer_keys", issuer="idp")
    wait_until(lambda: events(gateway, "issuer_stale"), "the line that says so")
    issuer.behave = "well"
    wait_until(lambda: status(gateway, "/theirs/1", anna) == 200, "the issuer to be back")


def test_https_is_verified(start, backend, tmp_path):
    (tmp_path / "good").mkdir()
    (tmp_path / "other").mkdir()
    authority, other = Authority(tmp_path / "good"), Authority(tmp_path / "other")
    with Issuer(authority) as issuer:
        good = {"idp": issuer.settings(jwks={"ca": str(authority.certificate)})}
        gateway = start(issuer, named=good)
        assert status(gateway, "/theirs/1", issuer.bearer()) == 200
        gateway = start(issuer, wait=False, named={"idp": issuer.settings(jwks={"ca": str(other.certificate)})})
        wait_until(lambda: events(gateway, "issuer_silent"), "the refusal of its certificate")
        assert status(gateway, "/theirs/1", issuer.bearer()) == 503


def test_an_authority_that_is_named_stands_in_for_those_of_the_system(start, tmp_path):
    authority, own = Authority(tmp_path, "system"), Authority(tmp_path, "own")
    system = {"command_prefix": trusted_by_the_system(authority.certificate, tmp_path / "trusted")}
    with Issuer(authority) as issuer:
        gateway = start(issuer, **system)
        assert status(gateway, "/theirs/1", issuer.bearer()) == 200
        named = {"idp": issuer.settings(jwks={"ca": str(own.certificate)})}
        gateway = start(issuer, wait=False, named=named, **system)
        wait_until(lambda: events(gateway, "issuer_silent"), "the refusal of what the system trusts")
        assert status(gateway, "/theirs/1", issuer.bearer()) == 503


def test_a_file_of_keys_is_read_again_when_it_changes(start, issuer, tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(issuer.keys()))
    named = {"idp": {"issuer": issuer.name, "audience": ["orders"], "jwks": {"file": str(keys)}}}
    gateway = start(issuer, wait=False, named=named)
    before = issuer.bearer()
    assert status(gateway, "/theirs/1", before) == 200
    issuer.rotate("second")
    keys.write_text(json.dumps(issuer.keys()))
    wait_until(lambda: status(gateway, "/theirs/1", issuer.bearer()) == 200, "the new file")
    wait_until(lambda: all(status(gateway, "/theirs/1", before) == 401 for _ in range(8)), "the end of the old key")
    keys.write_text("no keys at all")
    wait_until(lambda: gateway.metric("gatehouse_config_last_reload_successful") == 0, "the refusal of a bad file")
    assert status(gateway, "/theirs/1", issuer.bearer()) == 200
    assert issuer.asked == []


def test_an_issuer_comes_with_a_reload(start, issuer):
    gateway = start(issuer, wait=False, named={}, routes=[{"match": "/**", "to": "http://127.0.0.1:9"}])
    gateway.settings["issuers"] = {"idp": issuer.settings()}
    gateway.settings["routes"] = [{"match": "/**", "to": "http://127.0.0.1:9", "issuers": ["idp"]}]
    gateway.write_config()
    wait_until(lambda: status(gateway, "/1", issuer.bearer()) == 502, "the issuer to be believed")


def test_another_gatehouse_is_an_issuer(start_gateway, backend):
    head = start_gateway(backend, tokens={"issuer": "https://head.example.com", "audience": ["branch"]})
    named = {"head": {"issuer": "https://head.example.com", "audience": ["branch"], "typ": ["at+jwt"], "roles_from": "roles",
                      "jwks": {"url": head.url + "/.well-known/jwks.json"}}}
    routes = [{"match": "/**", "to": backend.url, "issuers": ["own", "head"]}]
    branch = start_gateway(issuers=named, routes=routes)
    ada = head.auth().register("ada")
    wait_until(lambda: status(branch, "/1", ada.bearer) == 200, "the keys of the other one")
    assert backend.last.all("X-User-Id") == [f"head:{ada.user_id}"]
    refresh = {"Authorization": f"Bearer {ada.refresh}"}
    assert status(branch, "/1", refresh) == 401
    own = branch.auth().register("ada")
    assert status(branch, "/1", own.bearer) == 200
    assert backend.last.all("X-User-Id") == [own.user_id]


def test_a_websocket_of_theirs_ends_with_its_token(start, issuer, backend):
    backend.behaviour = echoing()
    gateway = start(issuer, named={"idp": issuer.settings(leeway="0s")})
    with WebSocketClient(gateway.port) as client:
        client.open("/theirs/ws", issuer.bearer(exp=int(time.time()) + 5))
        client.say(b"hello", TEXT)
        assert client.hear() == (TEXT, b"hello")
        assert client.hear() == (CLOSE, (1008, "token expired"))
    assert backend.last.all("X-User-Id") == ["idp:anna"]


def test_rates_count_each_of_them_by_itself(start, issuer, backend):
    routes = [{"match": f"/{by}/**", "to": backend.url, "issuers": ["own", "idp"],
               "rate": [{"by": by, "requests": 2, "per": "1h"}]} for by in ("user", "session")]
    gateway = start(issuer, routes=routes)
    ada = gateway.auth().register("ada")
    for by in ("user", "session"):
        for bearer in (issuer.bearer("anna"), issuer.bearer("bert"), issuer.bearer(ada.user_id), ada.bearer):
            assert [status(gateway, f"/{by}/1", bearer) for _ in range(3)] == [200, 200, 429]


def test_check_and_explain_say_whom_they_believe(start, issuer):
    gateway = start(issuer)
    said = gateway.command("check", "--connect").stdout
    assert f"issuer idp: tokens of {issuer.name} for orders" in said
    assert f"ok      issuer idp, keys from {issuer.url}" in said
    told = gateway.command("explain", "GET /theirs/1", "--token", issuer.token()).stdout
    assert "issuer:   idp" in told and "a good token of user idp:anna, from the issuer idp" in told
    told = gateway.command("explain", "GET /theirs/1", "--token", issuer.token(aud="others")).stdout
    assert "wrong_audience (issuer idp)" in told
    issuer.behave = "down"
    done = gateway.command("check", "--connect", check=False)
    assert done.returncode != 0 and "FAILED  issuer idp" in done.stdout and "HTTP 500" in done.stdout
