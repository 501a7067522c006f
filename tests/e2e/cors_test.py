"""Browsers of other origins: preflights, answers and our own refusals."""

import pytest

ORIGIN = "https://app.example"
RULES = {"origins": [ORIGIN], "credentials": True, "exposed_headers": ["X-Total"], "max_age": "5m"}


@pytest.fixture
def cross(start_gateway, backend):
    return start_gateway(auth={"cors": {"origins": [ORIGIN], "credentials": True}}, routes=[
        {"match": "/shared/**", "to": backend.url, "cors": RULES},
        {"match": "/anybody", "auth": "none", "to": backend.url, "cors": {"origins": ["*"]}},
        {"match": "/**", "to": backend.url}])


def preflight(gateway, target, origin=ORIGIN, method="PUT", headers="authorization, content-type"):
    return gateway.ask("OPTIONS", target, {"Origin": origin, "Access-Control-Request-Method": method,
                                           "Access-Control-Request-Headers": headers})


def granted(response):
    return {name.lower(): value for name, value in response.fields if name.lower().startswith("access-control-")}


def test_a_preflight_is_answered_before_the_token(cross, backend):
    response = preflight(cross, "/shared/a")
    assert response.status == 204
    rights = granted(response)
    assert rights["access-control-allow-origin"] == ORIGIN
    assert rights["access-control-allow-credentials"] == "true"
    assert "PUT" in rights["access-control-allow-methods"]
    assert rights["access-control-allow-headers"] == "authorization, content-type"
    assert rights["access-control-max-age"] == "300"
    assert "Origin" in response["Vary"]
    assert backend.requests == []


@pytest.mark.parametrize("origin", ["https://evil.example", "https://app.example.evil", "http://app.example",
                                    "https://app.example:8443", "null", "https://xapp.example"])
def test_another_origin_is_granted_nothing(cross, backend, origin):
    assert granted(preflight(cross, "/shared/a", origin)) == {}
    pair = cross.auth().register("ada")
    response = cross.ask("GET", "/shared/a", {**pair.bearer, "Origin": origin})
    assert response.status == 200 and granted(response) == {}
    assert "Origin" in response["Vary"]


@pytest.mark.parametrize("target, fields", [
    ("/shared/a", {}),
    ("/shared/a", {"Origin": ORIGIN}),
    ("/shared/a", {"Access-Control-Request-Method": "PUT"}),
    ("/private", {"Origin": ORIGIN, "Access-Control-Request-Method": "PUT"}),
])
def test_any_other_options_needs_its_token(cross, backend, target, fields):  # R25
    assert cross.ask("OPTIONS", target, fields).status == 401
    assert backend.requests == []


def test_answers_carry_our_rules_alone(cross, backend):
    from harness import raw_backend as behaviours
    backend.behaviour = behaviours.answering(fields={"Access-Control-Allow-Origin": "*", "X-Total": "3"})
    pair = cross.auth().register("ada")
    response = cross.ask("GET", "/shared/a", {**pair.bearer, "Origin": ORIGIN})
    assert response["Access-Control-Allow-Origin"] == ORIGIN
    assert response["Access-Control-Expose-Headers"] == "X-Total"
    plain = cross.ask("GET", "/private", {**pair.bearer, "Origin": ORIGIN})
    assert plain["Access-Control-Allow-Origin"] == "*", "without rules the backend speaks for itself"
    anybody = cross.ask("GET", "/anybody", {"Origin": "https://any.example"})
    assert granted(anybody) == {"access-control-allow-origin": "*"}


def test_refusals_carry_the_rules_too(cross):
    response = cross.ask("GET", "/shared/a", {"Origin": ORIGIN})
    assert response.status == 401
    assert response["Access-Control-Allow-Origin"] == ORIGIN
    assert granted(cross.ask("GET", "/shared/a", {"Origin": "https://evil.example"})) == {}


def test_the_auth_api_has_rules_of_its_own(cross):
    response = preflight(cross, "/auth/login", method="POST", headers="content-type")
    assert response.status == 204
    assert granted(response)["access-control-allow-origin"] == ORIGIN
    assert granted(preflight(cross, "/auth/login", "https://evil.example", "POST")) == {}
    refused = cross.ask("GET", "/auth/me", {"Origin": ORIGIN})
    assert refused.status == 401
    assert refused["Access-Control-Allow-Origin"] == ORIGIN
