"""Who may use a route: roles, scopes and claims, judged alike by the proxy, explain and /auth/verify."""

import base64
import json

import pytest

from harness import wait_until

SCOPES = {"*": ["profile"], "clerk": ["orders.read"], "admin": ["orders.read", "orders.write"]}
CLAIMS = {"org": {"plan": "pro"}, "UserInfo": {"username": "$username", "roles": "$roles"}}
NEEDS = {
    "/any": "required",
    "/role": {"roles": ["clerk", "admin"]},
    "/read": {"scopes": ["orders.read"]},
    "/write": {"scopes": ["orders.read", "orders.write"]},
    "/profile": {"scopes": ["profile"]},
    "/pro": {"claims": {"org.plan": "pro"}},
    "/team": {"claims": {"org.plan": ["team", "free"]}},
    "/bob": {"claims": {"UserInfo.username": ["bob", "carol"]}},
    "/clerk": {"claims": {"UserInfo.roles": "clerk"}},
    "/all": {"roles": ["admin"], "scopes": ["orders.write"], "claims": {"org.plan": "pro"}},
}
OPEN_TO = {
    "ann": {"/any", "/profile", "/pro"},
    "bob": {"/any", "/profile", "/pro", "/role", "/read", "/bob", "/clerk"},
    "eve": {"/any", "/profile", "/pro", "/role", "/read", "/write", "/all"},
}
ROLES = {"ann": "", "bob": "clerk", "eve": "admin"}


def payload_of(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


@pytest.fixture
def house(start_gateway, backend):
    """A gateway with a route of each kind, and a pair for each person."""
    gateway = start_gateway(trusted_proxies=["127.0.0.0/8"], tokens={"role_scopes": SCOPES},
                            auth={"contract": {"claims": CLAIMS}},
                            routes=[{"match": path, "auth": needs, "to": backend.url}
                                    for path, needs in NEEDS.items()])
    auth = gateway.auth()
    for name, roles in ROLES.items():
        auth.register(name)
        if roles:
            gateway.command("user", "set-roles", name, roles)
    return gateway, {name: auth.login(name) for name in ROLES}


def opened(gateway, pair):
    return {path for path in NEEDS if gateway.ask("GET", path, pair.bearer).status == 200}


def test_every_door_opens_to_those_it_is_for(house):
    gateway, pairs = house
    for name, pair in pairs.items():
        assert opened(gateway, pair) == OPEN_TO[name], name
        for path in NEEDS:
            expected = 200 if path in OPEN_TO[name] else 403
            fields = [("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", path), *pair.bearer.items()]
            assert gateway.ask("GET", "/auth/verify", fields).status == expected, (name, path)
    for path in NEEDS:
        assert gateway.ask("GET", path).error_code() == "token_missing"


def test_explain_says_what_is_lacking(house):
    gateway, pairs = house

    def told(path):
        return gateway.command("explain", f"GET {path}", "--token", pairs["ann"].access).stdout

    assert "refused with 403 forbidden" in told("/write")
    assert "not all of the scopes orders.read orders.write" in told("/write")
    assert "none of the route's roles" in told("/role")
    assert "not the claim org.plan" in told("/team")
    assert "forwarded" in told("/pro")


def test_a_token_says_the_scopes_of_its_roles(house):
    _, pairs = house
    said = {name: payload_of(pair.access)["scope"] for name, pair in pairs.items()}
    assert said == {"ann": "profile", "bob": "profile orders.read",
                    "eve": "profile orders.read orders.write"}


def test_a_refusal_names_the_scopes_that_are_needed(house):  # RFC 6750, 3.1
    gateway, pairs = house
    refused = gateway.ask("GET", "/write", pairs["bob"].bearer)
    assert (refused.status, refused.error_code()) == (403, "forbidden")
    assert refused["WWW-Authenticate"] == \
        'Bearer error="insufficient_scope", scope="orders.read orders.write"'
    for path in ("/role", "/team"):
        assert gateway.ask("GET", path, pairs["ann"].bearer).get("WWW-Authenticate") is None


def test_new_roles_bring_and_take_scopes_and_claims_at_once(house):
    """Also of tokens that are in a worker's cache, and of a claim that only repeats the roles."""
    gateway, pairs = house
    assert all(opened(gateway, pairs[name]) == OPEN_TO[name] for name in pairs)
    gateway.command("user", "set-roles", "bob", "admin")
    wanted = OPEN_TO["eve"] | {"/bob"}
    wait_until(lambda: all(opened(gateway, pairs["bob"]) == wanted for _ in range(8)), "bob to be an admin")
    gateway.command("user", "set-roles", "bob")
    wanted = OPEN_TO["ann"] | {"/bob"}
    wait_until(lambda: all(opened(gateway, pairs["bob"]) == wanted for _ in range(8)), "bob to be nobody")


def test_a_route_can_ask_for_a_recent_login(start_gateway, backend):  # RFC 9470
    """A refresh does not make a login more recent."""
    gateway = start_gateway(routes=[{"match": "/old", "to": backend.url},
                                    {"match": "/fresh", "max_auth_age": "4s", "to": backend.url}])
    auth = gateway.auth()
    pair = auth.register("ada")

    def passes_who_logs_in():  # but who is kept for too long behind it tries again
        return gateway.ask("GET", "/fresh", auth.login("ada").bearer).status == 200
    wait_until(passes_who_logs_in, "a recent login to do")

    def refused():
        answer = gateway.ask("GET", "/fresh", pair.bearer)
        return answer if answer.status != 200 else None

    answer = wait_until(refused, "the login to be too long ago")
    assert (answer.status, answer.error_code()) == (401, "insufficient_user_authentication")
    assert answer["WWW-Authenticate"] == 'Bearer error="insufficient_user_authentication", max_age="4"'
    assert gateway.ask("GET", "/old", pair.bearer).status == 200
    pair = auth.refresh(pair)
    assert refused().error_code() == "insufficient_user_authentication"
    wait_until(passes_who_logs_in, "another login to do")
