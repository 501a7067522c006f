"""docs/API.md: calls as they are written there, and answers built as they are shown."""

import json
import re

import pytest

from harness import wait_until
from harness.pages import snippet
from harness.shapes import assert_as_shown


def field_of(shown, answer):
    """A Set-Cookie of the answer beside the one on the page, both without their values."""
    name = re.match(r"Set-Cookie: (\w+)=", shown)[1]
    [real] = [value for value in answer.all("Set-Cookie") if value.startswith(name + "=")]
    return f"Set-Cookie: {re.sub(r'=eyJ[^;]*', '=eyJ...', real, count=1)}", shown.strip()


def test_a_pair(gateway, shell_of):
    shown = json.loads(snippet("docs/API.md", '"tokenType": "Bearer", "expiresIn"'))
    place = shell_of(gateway)
    [step] = place.type(snippet("docs/API.md", "auth/register"))
    pair = json.loads(step.output)
    assert_as_shown(shown, pair)
    place.replaced["eyJ..."] = pair["refreshToken"]
    [step] = place.type(snippet("docs/API.md", "auth/refresh-token"))
    assert_as_shown(shown, json.loads(step.output))


def test_cookies(gateway):
    gateway.auth().register("ada")
    gateway.settings["throttle"] = {**gateway.settings["throttle"], "device_cookie": True}
    gateway.stop()
    gateway.start()
    answer = gateway.auth().call("/login", {"username": "ada", "password": "correct horse battery", "delivery": "cookie"})
    for words in (snippet("docs/API.md", "Set-Cookie: refresh_token"), snippet("docs/API.md", "Set-Cookie: gatehouse_device")):
        real, shown = field_of(words, answer)
        assert real == shown


def test_the_own_account(gateway, shell_of):
    pair = gateway.auth().register("alice", "correct horse")
    place = shell_of(gateway, environment={"access": pair.access})
    assert_as_shown(json.loads(snippet("docs/API.md", '"roles": [],\n "created"')), gateway.auth().me(pair))
    [renamed] = place.type(snippet("docs/API.md", "-X PATCH"))
    assert json.loads(renamed.output)["email"] == "alice@example.com"
    exported = gateway.ask("GET", "/auth/me/export", pair.bearer).json()
    assert_as_shown(json.loads(snippet("docs/API.md", '"eventsComplete": true')), exported)
    assert exported["events"], "there is something to compare"
    sessions = gateway.ask("GET", "/auth/sessions", pair.bearer).json()
    assert_as_shown(json.loads(snippet("docs/API.md", '"userAgent": "Firefox"')), sessions)


def test_api_keys(gateway, shell_of):
    pair = gateway.auth().register("robot")
    place = shell_of(gateway)
    create, listing, revoke = snippet("docs/API.md", "gatehouse apikey revoke").splitlines()
    [made] = place.type(create)
    key = re.search(r"gh_([\w-]{22})_[\w-]{43}_[\w-]{6}", made.output)
    [listed] = place.type(listing)
    assert key[1] in listed.output
    own = wait_until(lambda: gateway.ask("GET", "/auth/api-keys", pair.bearer).json(), "the key to be known")
    assert_as_shown(json.loads(snippet("docs/API.md", '"expires": null, "lastUsed"')), own)
    place.replaced["5tQb0xWkPz3sEoLdQb7Tn0"] = key[1]
    place.type(revoke)
    wait_until(lambda: gateway.ask("GET", "/auth/api-keys", pair.bearer).json() == [], "its end to be heard of")


def test_revocation_by_whoever_has_the_key(gateway, shell_of):
    gateway.auth().register("robot")
    key = gateway.command("apikey", "create", "--user", "robot").stdout.split()[-1]
    bearer = [("Authorization", f"Bearer {key}")]
    wait_until(lambda: gateway.ask("GET", "/", bearer).status == 200, "the key to be known")
    shell_of(gateway, {"gh_...": key}).type(snippet("docs/API.md", "auth/revoke"))
    assert gateway.ask("GET", "/", bearer).error_code() == "token_revoked"


def test_introspection(start_gateway, backend, shell_of):
    gateway = start_gateway(backend, tokens={"issuer": "https://api.example.com"})
    gateway.auth().register("orders-service")
    gateway.auth().register("ada")
    gateway.command("user", "set-roles", "ada", "admin")
    pair = gateway.auth().login("ada")
    create, ask = snippet("docs/API.md", "auth/introspect").splitlines()
    place = shell_of(gateway, {"token=eyJ...": f"token={pair.access}"})
    [made] = place.type(create)
    place.replaced["gh_..."] = re.search(r"gh_[\w-]{73}", made.output)[0]

    def told():
        answer = json.loads(place.type(ask)[0].output)
        return answer if "active" in answer else None
    assert_as_shown(json.loads(snippet("docs/API.md", '"active": true')), wait_until(told, "the key to be known"))


@pytest.mark.parametrize("path, code", [("/", "token_missing"), ("/auth/nothing", "not_found")])
def test_a_refusal(gateway, path, code):
    refused = gateway.ask("GET", path).json()
    assert refused["error"]["code"] == code
    assert_as_shown(json.loads(snippet("docs/API.md", '{"error": {"status": 401')), refused)
