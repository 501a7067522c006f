"""The admin API and the commands that use it: who is let in, and that what it does is done."""

import json
import pathlib
import re
import stat
import subprocess
import threading
from urllib.parse import quote

import pytest

from harness import wait_until
from harness.raw_client import RawClient

CLIENT = pathlib.Path(__file__).parent / "clients" / "admin_api.mjs"
DOCUMENTS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "openapi"


def token_of(gateway):
    return (gateway.folder / "gatehouse.db.admin-token").read_text().strip()


def bearer(gateway):
    return ("Authorization", f"Bearer {token_of(gateway)}")


def call(gateway, method, path, fields=None, body=None, port=None):
    """One call with the credential, unless `fields` say otherwise."""
    fields = [bearer(gateway)] if fields is None else fields
    if body is not None:
        fields = [*fields, ("Content-Type", "application/json")]
        body = json.dumps(body).encode()
    with RawClient(port or gateway.admin_port) as client:
        return client.exchange(method, path, fields, body, host="localhost")


def calls():
    """Method and path of every documented call, with somebody unknown in it."""
    paths = json.loads((DOCUMENTS / "admin.json").read_text())["paths"]
    for path, operations in paths.items():
        for name in ("{user}", "{session}", "{key}"):
            path = path.replace(name, "nobody")
        for method in operations:
            yield method.upper(), path


def test_the_credential_is_made_once_for_its_owner_alone(gateway):
    file = gateway.folder / "gatehouse.db.admin-token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    gateway.process.stop()
    gateway.start()
    assert file.read_bytes() == before
    assert call(gateway, "GET", "/admin/v1/status").status == 200


def test_no_call_is_answered_without_the_credential(gateway):
    user = gateway.auth().register("ada")
    for method, path in calls():
        for fields in ([], [("Authorization", "Bearer wrong")], user.bearer):
            answer = call(gateway, method, path, fields)
            assert answer.status in (401, 429), (method, path, answer)
            assert set(answer.json()) == {"error"}
    assert gateway.ask("GET", "/items", user.bearer).status == 200
    assert call(gateway, "GET", "/admin/v1/status").status == 200


def test_the_credential_counts_in_its_field_alone(gateway):
    token = token_of(gateway)
    assert call(gateway, "GET", f"/admin/v1/status?token={token}", []).status == 401
    assert call(gateway, "GET", f"/admin/v1/status?token={token}").status == 400
    assert call(gateway, "GET", "/admin/v1/status", [("Cookie", f"token={token}")]).status == 401
    assert token not in gateway.process.output()


def test_clients_of_the_gateway_reach_no_admin_call(gateway, backend):
    token = [bearer(gateway)]
    for method, path in [*calls(), ("GET", "/metrics"), ("GET", "/readyz")]:
        for fields in ([], token):
            answer = call(gateway, method, path, fields, port=gateway.port)
            assert answer.status == 401, (method, path, answer)  # a route like any other
    # Where everything is public, the upstream has these paths to itself.
    answer = call(gateway, "GET", "/public/../admin/v1/status", token, port=gateway.port)
    assert answer.status == 401


def test_pages_and_bent_names_are_refused(gateway):
    good = bearer(gateway)
    page = call(gateway, "GET", "/admin/v1/status", [good, ("Origin", "https://evil.example")])
    assert (page.status, page.error_code()) == (403, "origin_forbidden")
    with RawClient(gateway.admin_port) as client:
        client.send(f"GET /admin/v1/status HTTP/1.1\r\nHost: evil.example\r\nAuthorization: {good[1]}\r\n\r\n")
        bent = client.read_response()
    assert (bent.status, bent.error_code()) == (403, "forbidden")


def test_requests_that_come_together_are_judged_one_by_one(gateway):
    good = f"Authorization: {bearer(gateway)[1]}\r\n"
    with RawClient(gateway.admin_port) as client:
        client.send("".join(f"GET /admin/v1/status HTTP/1.1\r\nHost: localhost\r\n{field}\r\n"
                            for field in ("", good, "", good)))
        assert [client.read_response().status for _ in range(4)] == [401, 200, 401, 200]


def test_bodies_are_bounded_and_strict(gateway):
    good = [bearer(gateway), ("Content-Type", "application/json")]
    with RawClient(gateway.admin_port) as client:
        assert client.exchange("POST", "/admin/v1/explain", good, b"x" * 100_000, host="localhost").status == 413
    for body, status in ((b"{", 400), (b'{"target": "/a", "target": "/b"}', 400), (b"[]", 400), (b"{}", 422)):
        with RawClient(gateway.admin_port) as client:
            assert client.exchange("POST", "/admin/v1/explain", good, body, host="localhost").status == status, body
    with RawClient(gateway.admin_port) as client:
        assert client.exchange("POST", "/admin/v1/explain", good[:1], b"{}", host="localhost").status == 415


@pytest.mark.parametrize("workers", [1], ids=[""])
def test_a_user_is_found_by_an_escaped_name_and_by_the_id_where_no_path_carries_the_name(gateway):
    status = {"Zoë": 200, "100%": 200, "a?b#c;d": 200, "a/b": 400, "a\\b": 400, "a%41": 400, ".": 404, "..": 404}
    for name, expected in status.items():
        user = gateway.auth().register(name)
        assert call(gateway, "GET", "/admin/v1/users/" + quote(name, safe="")).status == expected, name
        assert call(gateway, "GET", f"/admin/v1/users/{user.user_id}").json()["username"] == name


def test_what_is_ended_is_refused_with_the_very_next_request(gateway):
    pair = gateway.auth().register("ada")
    with gateway.connect() as client:
        assert client.exchange("GET", "/items", pair.bearer).status == 200
        assert call(gateway, "POST", "/admin/v1/users/ada/block").status == 200
        assert client.exchange("GET", "/items", pair.bearer).error_code() == "token_revoked"
    records = call(gateway, "GET", "/admin/v1/audit?event=user_block").json()["records"]
    assert [(each["detail"], each["address"]) for each in records] == [("admin API", "127.0.0.1")]


def test_a_gateway_is_asked_from_the_command_line(gateway):
    pair = gateway.auth().register("ada")
    told = gateway.command("status").stdout
    assert "ready:               yes" in told and "upstream:" in told
    assert json.loads(gateway.command("status", "--json").stdout)["ready"] is True
    live = gateway.command("explain", "GET /items", "--token", pair.access, "--live").stdout
    assert pair.user_id in live and "forwarded" in live
    call(gateway, "POST", "/admin/v1/users/ada/block")
    assert "token_revoked" in gateway.command("explain", "GET /items", "--token", pair.access, "--live").stdout
    settings = gateway.command("config", "show", "--live").stdout
    assert re.search(rf"^admin: 127\.0\.0\.1:{gateway.admin_port}  # \S+gatehouse\.yaml:\d+:\d+$", settings, re.MULTILINE)
    assert settings == gateway.command("config", "show").stdout


def test_a_reload_is_asked_for_and_told_of(gateway):
    gateway.settings["drain"] = {"delay": "1s"}
    gateway.write_config()
    assert call(gateway, "POST", "/admin/v1/reload").json()["ok"] is True
    settings = call(gateway, "GET", "/admin/v1/config").json()["settings"]
    assert {each["key"]: each["value"] for each in settings}["drain.delay"] == "1s"
    done = gateway.command("reload")
    assert "generation:" in done.stdout
    # What lets everybody in is told as `check` tells it: it is no mistake, for the reload went well.
    assert re.search(r"^\S+gatehouse\.yaml:\d+:\d+: warning: routes\[2\]: anyone may register", done.stderr, re.MULTILINE)
    gateway.settings["drain"] = {"delay": "15 parsecs"}
    gateway.write_config()
    refused = gateway.command("reload", check=False)
    assert refused.returncode != 0 and "parsecs" in refused.stderr
    told = call(gateway, "POST", "/admin/v1/reload").json()
    assert told["ok"] is False and told["errors"][0]["key"] == "drain.delay"


def test_the_log_level_is_set_and_stays_until_the_settings_say_another(gateway):
    def events(name):
        return [line for line in gateway.process.lines() if f'"event":"{name}"' in line]

    def level():
        return call(gateway, "GET", "/admin/v1/log-level").json()

    assert level() == {"level": "info", "configured": "info"}
    assert gateway.command("log-level").stdout.split() == ["level:", "info", "configured:", "info"]
    assert call(gateway, "PUT", "/admin/v1/log-level", body={"level": "loud"}).status == 422
    gateway.command("log-level", "error")
    records = wait_until(lambda: call(gateway, "GET", "/admin/v1/audit?event=admin_act").json()["records"],
                         "the record of it", 10)
    assert [each["detail"] for each in records] == ["log level error"]
    gateway.settings["drain"] = {"delay": "1s"}
    gateway.write_config()
    gateway.command("reload")
    assert level() == {"level": "error", "configured": "info"} and not events("reloaded")
    gateway.settings["log"] = {"level": "debug"}
    gateway.write_config()
    gateway.command("reload")
    assert level() == {"level": "debug", "configured": "debug"}
    wait_until(lambda: events("reloaded"), "the line of it", 10)


def test_a_command_says_why_there_is_no_answer(gateway):
    file = gateway.folder / "gatehouse.db.admin-token"
    right = file.read_text()
    file.write_text("another-token-0123456789abcdef0123456789\n")
    wrong = gateway.command("status", check=False)
    assert wrong.returncode == 1 and "belongs to another gateway" in wrong.stderr
    file.write_text(right)
    gateway.process.stop()
    gone = gateway.command("status", check=False)
    assert gone.returncode == 1 and "is the gateway running" in gone.stderr
    file.unlink()
    assert "a gateway makes it when it starts" in gateway.command("status", check=False).stderr


def test_secrets_are_masked_in_what_is_shown(start_gateway, backend):
    token = "from-the-environment-0123456789abcdef"
    gateway = start_gateway(backend, environment={"GATEHOUSE_ADMIN_TOKEN": token, "PLACE": "sqlite:hidden.db"},
                            store="${PLACE}")
    answer = call(gateway, "GET", "/admin/v1/config", [("Authorization", f"Bearer {token}")])
    shown = {each["key"]: each for each in answer.json()["settings"]}
    assert shown["store"]["value"] == "***" and "${PLACE}" in shown["store"]["origin"]
    assert token.encode() not in answer.body and b"hidden" not in answer.body
    assert not list(gateway.folder.glob("*.admin-token"))


@pytest.mark.parametrize("path", ["/quit", "/admin/v1/quit"])
def test_quit_ends_the_process_when_the_last_request_is_complete(start_gateway, backend, path):
    may_answer = threading.Event()

    def waiting(exchange):
        exchange.read_request()
        assert may_answer.wait(30)
        exchange.respond(b"done")

    backend.behaviour = waiting
    gateway = start_gateway(backend, drain={"delay": "0s", "timeout": "30s"})
    with gateway.connect() as client:
        client.request("GET", "/public/slow")
        backend.wait_for_requests(1, 30)
        assert call(gateway, "POST", path).status == 202
        wait_until(lambda: gateway.admin("/readyz")[0] != 200, "readiness to go", 30)
        assert gateway.process.running()
        may_answer.set()
        assert client.read_response().body == b"done"
    assert gateway.process.wait(timeout=30) == 0


# Operations that the generated clients cannot call in this test, and why.
NOT_CALLED = {
    "admin.quitShort": "it ends the process as admin.quit does; the test above calls both",
}


def operations(name):
    """Every documented operation, as the client prints what it has called."""
    paths = json.loads((DOCUMENTS / f"{name}.json").read_text())["paths"].values()
    return {f"{name}.{operation['operationId']}" for path in paths for operation in path.values()
            if isinstance(operation, dict) and "operationId" in operation}


def test_the_documents_are_valid_and_every_answer_is_as_they_say(start_gateway, backend):
    gateway = start_gateway(backend, passkeys={"rp_id": "example.com"})
    gateway.auth().register("robot")
    keys = [re.search(r"gh_[\w-]{73}", gateway.command("apikey", "create", "--user", "robot", *words).stdout)[0]
            for words in (["--scope", "introspect"], [])]
    for key in keys:  # a running gateway hears of them a moment later
        wait_until(lambda: gateway.ask("GET", "/items", {"Authorization": f"Bearer {key}"}).status == 200, "the key to be known")
    done = subprocess.run(["node", CLIENT, gateway.url, gateway.admin_url, token_of(gateway), *keys],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    called = set(done.stdout.split())
    documented = operations("auth") | operations("admin")
    assert (documented - called, called - documented) == (set(NOT_CALLED), set())
    assert gateway.process.wait(timeout=30) == 0
