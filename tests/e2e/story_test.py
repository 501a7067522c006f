"""From nothing to a protected service: register, log in, call, expire, refresh, log out."""

import json
import subprocess

import pytest

from harness import wait_until

PASSWORD = "correct horse battery"


@pytest.fixture(params=["express", "http.server", "raw"])
def service(request):
    """Each of three services that know nothing of a gateway."""
    names = {"express": "express", "http.server": "file_service", "raw": "backend"}
    return request.getfixturevalue(names[request.param])



def test_a_person_registers_calls_expires_refreshes_and_logs_out(start_gateway, service):
    gateway = start_gateway(service, tokens={"access_ttl": "4s"})
    auth = gateway.auth()
    path = "/report.txt"

    stranger = gateway.ask("GET", path)
    assert (stranger.status, stranger.error_code()) == (401, "token_missing")
    assert stranger["WWW-Authenticate"].startswith("Bearer")

    registered = auth.register("ada")
    pair = auth.login("ada")
    assert pair.user_id == registered.user_id
    assert gateway.ask("GET", path, pair.bearer).status == 200

    late = wait_until(lambda: (lambda r: r if r.status == 401 else None)(gateway.ask("GET", path, pair.bearer)),
                      "the access token to expire")
    assert (late.error_code(), late.json()["error"]["message"]) == ("token_expired", "jwt expired")
    assert 'error="invalid_token"' in late["WWW-Authenticate"]

    fresh = auth.refresh(pair)
    assert gateway.ask("GET", path, fresh.bearer).status == 200

    auth.logout(fresh)
    ended = gateway.ask("GET", path, fresh.bearer)
    assert (ended.status, ended.error_code()) in [(401, "token_revoked"), (401, "token_expired")]
    refused = auth.try_refresh(fresh.refresh)
    assert (refused.status, refused.error_code()) == (403, "refresh_token_revoked")


def test_a_logged_out_access_token_is_refused_at_once_on_every_worker(start_gateway, backend):
    gateway = start_gateway(backend)
    auth = gateway.auth()
    pair = auth.register("ada")
    clients = [gateway.connect() for _ in range(16)]  # spread over the workers, caches warm
    assert {client.exchange("GET", "/", pair.bearer).status for client in clients} == {200}
    auth.logout(pair)
    answers = [client.exchange("GET", "/", pair.bearer) for client in clients]
    assert {(answer.status, answer.error_code()) for answer in answers} == {(401, "token_revoked")}
    for client in clients:
        client.close()


def test_the_service_learns_the_user_and_never_sees_the_credential(start_gateway, express):
    gateway = start_gateway(express)
    pair = gateway.auth().register("ada")
    seen = gateway.ask("GET", "/things?q=1", [*pair.bearer.items(), ("Cookie", "theme=dark; refresh_token=secret"),
                                              ("X-User-Id", "root"), ("x_user_id", "root")]).json()
    headers = seen["headers"]
    assert seen["url"] == "/things?q=1"
    assert headers["x-user-id"] == pair.user_id
    assert "authorization" not in headers and "x_user_id" not in headers
    assert headers.get("cookie") == "theme=dark"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-host"] == headers["host"] == "gateway.test"
    assert headers["x-request-id"]
    assert headers["traceparent"].startswith("00-")


def test_public_and_optional_routes(start_gateway, express):
    gateway = start_gateway(express)
    pair = gateway.auth().register("ada")
    bad = {"Authorization": "Bearer nonsense"}

    def user_at(path, fields):
        response = gateway.ask("GET", path, fields)
        return response.json()["headers"].get("x-user-id") if response.status == 200 else response.status

    # path, no token, good token, bad token
    table = [("/public/x", None, None, None),
             ("/optional/x", None, pair.user_id, 401),
             ("/x", 401, pair.user_id, 401)]
    for path, without, good, forged in table:
        assert [user_at(path, {}), user_at(path, pair.bearer), user_at(path, bad)] == [without, good, forged], path


def test_bodies_reach_the_service_whole(start_gateway, express):
    gateway = start_gateway(express)
    pair = gateway.auth().register("ada")
    chunked = [*pair.bearer.items(), ("Transfer-Encoding", "chunked")]
    with gateway.connect() as client:
        plain = client.exchange("POST", "/items", pair.bearer, b"x" * 100_000)
        assert plain.json()["body"] == "x" * 100_000
        client.request("PUT", "/items", chunked).send(b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
        assert client.read_response().json()["body"] == "abcdefg"


def test_refresh_token_in_a_cookie(start_gateway, backend):
    gateway = start_gateway(backend)
    auth = gateway.auth()
    auth.register("ada")
    response = auth.call("/login", {"username": "ada", "password": PASSWORD, "delivery": "cookie"})
    assert "refreshToken" not in response.json()
    cookie = response["Set-Cookie"]
    for attribute in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/auth"):
        assert attribute in cookie
    jar = {"Cookie": cookie.split(";")[0]}
    refreshed = auth.call("/refresh-token", fields=jar)
    assert refreshed.status == 200 and refreshed["Cache-Control"] == "no-store"
    jar = {"Cookie": refreshed["Set-Cookie"].split(";")[0]}
    assert auth.call("/refresh-token", fields={**jar, "Origin": "https://evil.example"}).status == 403
    assert auth.call("/logout", fields=jar).status == 204


def test_curl_can_do_it_all(start_gateway, express):
    gateway = start_gateway(express)

    def curl(path, *options):
        done = subprocess.run(["curl", "-sS", "-w", "\n%{http_code}", gateway.url + path, *options],
                              capture_output=True, text=True, timeout=20)
        assert done.returncode == 0, done.stderr
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    account = json.dumps({"username": "ada", "email": "ada@example.org", "password": PASSWORD})
    as_json = ("-H", "Content-Type: application/json", "-d")
    assert curl("/auth/register", *as_json, account)[0] == 201
    status, body = curl("/auth/login", *as_json, json.dumps({"email": "ADA@example.org", "password": PASSWORD}))
    assert status == 200
    pair = json.loads(body)
    bearer = ("-H", f"Authorization: Bearer {pair['accessToken']}")
    status, body = curl("/hello", *bearer)
    assert (status, json.loads(body)["headers"]["x-user-id"]) == (200, pair["user"]["id"])
    assert curl("/hello", *bearer, "-T", __file__, "-H", "Expect: 100-continue")[0] == 200
    assert curl("/hello", "--http1.0", *bearer)[0] == 200
    assert curl("/hello", "--head", *bearer)[0] == 200
    refresh = json.dumps({"refreshToken": pair["refreshToken"]})
    assert curl("/auth/refresh-token", *as_json, refresh)[0] == 200
    assert curl("/auth/logout", *bearer, "-X", "POST")[0] == 204
    assert curl("/hello", *bearer)[0] == 401


def test_accounts_keys_and_sessions_survive_a_restart(start_gateway, backend):
    gateway = start_gateway(backend)
    auth = gateway.auth()
    alive, ended = auth.register("ada"), auth.register("bob")
    auth.logout(ended)
    gateway.stop()
    gateway.start()
    assert gateway.ask("GET", "/", alive.bearer).status == 200
    assert gateway.ask("GET", "/", ended.bearer).error_code() == "token_revoked"
    assert auth.refresh(alive).user_id == alive.user_id


def test_hs256_with_secrets_from_the_environment(start_gateway, backend):
    gateway = start_gateway(backend, tokens={"algorithm": "HS256"}, environment={
        "ACCESS_TOKEN_SECRET": "a" * 40, "REFRESH_TOKEN_SECRET": "b" * 40})
    pair = gateway.auth().register("ada")
    assert gateway.ask("GET", "/", pair.bearer).status == 200
    assert gateway.ask("GET", "/.well-known/jwks.json").json() == {"keys": []}


def test_es256_keys_are_published_without_their_private_part(start_gateway, backend):
    gateway = start_gateway(backend)
    keys = gateway.ask("GET", "/.well-known/jwks.json")
    assert keys["Cache-Control"] == "max-age=600"
    shorter = start_gateway(backend, tokens={"jwks_max_age": "90s"}).ask("GET", "/.well-known/jwks.json")
    assert shorter["Cache-Control"] == "max-age=90"
    assert keys.json()["keys"]
    for key in keys.json()["keys"]:
        assert key["kty"] == "EC" and key["kid"] and key["alg"] == "ES256" and "d" not in key
